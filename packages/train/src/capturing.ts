import { type Captured, type CapturingBackend, capturingBackend } from '@steppe/kernels';
import type { Tree } from '@steppe/tree';
import { getBackend, setBackend } from '@tensorflow/tfjs-core';
import { advance } from './advance.ts';
import { numberThatMoves } from './number-that-moves.ts';
import type { TrainStep } from './train-step.ts';
import { type At, type Turned, turnOf } from './turn.ts';

/** How steps are captured. */
export type CaptureOptions = {
  /** Gets the one line that says which link cannot be captured. @defaultValue `console.warn` */
  readonly warn?: (message: string) => void;
};

type Update<P extends Tree, S extends Tree, O extends Tree, Batch extends Tree> = TrainStep<P, S, O, Batch>['update'];

/** A step's update that replays, and what to do at its end. */
type Capturing<P extends Tree, S extends Tree, O extends Tree, Batch extends Tree> = {
  readonly update: Update<P, S, O, Batch>;
  /** Sees once more whether all replays were right. @throws When they may not have been. */
  finish(): Promise<void>;
  dispose(): void;
};

/** The error of a capture, by what it holds: it comes from a package on another floor. */
type Refused = Error & { readonly what: string; readonly unsure: number; readonly link?: string };

const isRefused = (error: unknown): error is Refused => error instanceof Error && error.name === 'CaptureError';

const reasonOf = ({ what, link }: Refused): string => (link === undefined ? what : `in ${link}, ${what}`);

/** Says that steps which were replayed may be wrong: that is no matter of speed. */
const mayBeWrong = (error: Refused): Error =>
  new Error(
    `Up to ${error.unsure} of the last steps may be wrong, since they replay what the step did before: ${reasonOf(error)}. Give the loss what changes in its batch or state, or train with { capture: false }.`,
    { cause: error },
  );

/** The steps in a row that no recording is of, after which it is told why. */
const patience = 64;

/** Why no step is like one before: of a link such as `handOver`, whose state is a number that counts. */
function manyKinds(before: Tree, after: Tree): string {
  const path = numberThatMoves(before, after);
  const what = path === undefined ? 'batches, shapes or plain values' : `the number at "${path}"`;
  return `Steps run kernel by kernel for now, since ${what} made each of the last ${patience} another one to record.`;
}

/**
 * Makes the steps of a training by replays on a backend that captures, `native`, bit by bit as `step.update` does; on
 * others, for an update of the user's own, and where something cannot be replayed, by `step.update` itself.
 */
export function capturing<P extends Tree, S extends Tree, O extends Tree, Batch extends Tree>(
  step: TrainStep<P, S, O, Batch>,
  { warn = console.warn }: CaptureOptions,
): Capturing<P, S, O, Batch> {
  type Replayed = Captured<[At<P, S, O>, Batch], Turned<P, S, O>>;
  const turn = turnOf(step);
  let now: { readonly backend: CapturingBackend; readonly name: string; readonly captured: Replayed } | undefined;
  let refused = turn === undefined;
  let unmatched = 0;

  const dispose = (): void => {
    now?.captured.dispose();
    now = undefined;
  };
  /** Runs what captures; what it refuses runs as it is from now on, but wrong steps end the training. */
  const unlessRefused = <Result>(run: () => Result): Result | undefined => {
    try {
      return run();
    } catch (error) {
      if (!isRefused(error)) throw error;
      if (error.unsure > 0) throw mayBeWrong(error);
      dispose();
      refused = true;
      warn(`Steps run kernel by kernel, since they cannot be captured: ${reasonOf(error)}.`);
      return undefined;
    }
  };
  /** What replays on the backend of now; on another one than at the steps before, steps are made as they are. */
  const replayed = (): Replayed | undefined => {
    if (refused || turn === undefined) return undefined;
    const backend = capturingBackend();
    if (!backend) return undefined;
    // Steps are alike: the first one is worth its recording.
    now ??= { backend, name: getBackend(), captured: backend.capture((at, batch) => turn(at, batch), { warmup: 0 }) };
    return now?.backend === backend ? now?.captured : undefined;
  };
  const finish = async (): Promise<void> => {
    const other = getBackend();
    if (now === undefined) return;
    if (now.name !== other) await setBackend(now.name);
    try {
      unlessRefused(() => now?.captured.check());
    } finally {
      if (now && now.name !== other) await setBackend(other);
    }
  };
  return {
    update(position, batch, watch) {
      const captured = watch ? undefined : replayed();
      const before = captured?.replays;
      const made = captured && unlessRefused(() => advance(position, (at) => captured(at, batch)));
      unmatched = captured?.replays === before ? unmatched + 1 : 0;
      if (made && unmatched === patience) warn(manyKinds(position, made.position));
      return made ?? step.update(position, batch, watch);
    },
    finish,
    dispose,
  };
}
