import { checkRecord } from '@steppe/check';
import { foldIn } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import type { Position, StepReport } from './train-step.ts';
import type { At, Turned } from './turn.ts';

/** Moves a position on by what a turn makes of it, which draws from a key of its own. */
export function advance<Params extends Tree, State extends Tree, OptimizerState extends Tree>(
  position: Position<Params, State, OptimizerState>,
  turn: (at: At<Params, State, OptimizerState>) => Turned<Params, State, OptimizerState>,
): { readonly position: Position<Params, State, OptimizerState>; readonly report: StepReport } {
  checkRecord('position', position);
  const { step, key, params, state, optimizer } = position;
  const { report, ...next } = turn({ params, state, optimizer, key: foldIn(key, step) });
  return { position: { step: step + 1, ...next, key }, report };
}
