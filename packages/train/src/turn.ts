import type { Key } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import type { StepReport, TrainStep } from './train-step.ts';
import type { Watch } from './watch-gradients.ts';

/** What a step depends on beside its batch; the key is the step's own. */
export type At<Params extends Tree, State extends Tree, OptimizerState extends Tree> = {
  readonly params: Params;
  readonly state: State;
  readonly optimizer: OptimizerState;
  readonly key: Key;
};

/** What a step comes to. */
export type Turned<Params extends Tree, State extends Tree, OptimizerState extends Tree> = {
  readonly params: Params;
  readonly state: State;
  readonly optimizer: OptimizerState;
  readonly report: StepReport;
};

/** A step as a function of what it computes with: without its number, which is another one each time. */
export type Turn<Params extends Tree, State extends Tree, OptimizerState extends Tree, Batch extends Tree> = (
  at: At<Params, State, OptimizerState>,
  batch: Batch,
  watch?: Watch,
) => Turned<Params, State, OptimizerState>;

// By the function that a step updates by: a step whose `update` somebody has put another one in the place of has none.
const turns = new WeakMap<object, unknown>();

/** Notes which turn an update makes. */
export const noteTurn = <P extends Tree, S extends Tree, O extends Tree, Batch extends Tree>(
  update: TrainStep<P, S, O, Batch>['update'],
  turn: Turn<P, S, O, Batch>,
): void => void turns.set(update, turn);

/** The turn of a step that `trainStep` has made. */
export const turnOf = <P extends Tree, S extends Tree, O extends Tree, Batch extends Tree>({
  update,
}: TrainStep<P, S, O, Batch>): Turn<P, S, O, Batch> | undefined =>
  turns.get(update) as Turn<P, S, O, Batch> | undefined;
