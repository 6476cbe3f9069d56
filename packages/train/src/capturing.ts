import type { Tree } from '@steppe/tree';
import { advance } from './advance.ts';
import { numberThatMoves } from './number-that-moves.ts';
import { type CaptureOptions, type Replaying, replaying } from './replaying.ts';
import type { TrainStep } from './train-step.ts';
import { turnOf } from './turn.ts';

type Update<P extends Tree, S extends Tree, O extends Tree, Batch extends Tree> = TrainStep<P, S, O, Batch>['update'];

/** A step's update that replays, and what to do at its end. */
type Capturing<P extends Tree, S extends Tree, O extends Tree, Batch extends Tree> = Pick<
  Replaying<never, never>,
  'finish' | 'dispose'
> & { readonly update: Update<P, S, O, Batch> };

/** The steps in a row that no recording is of, after which it is told why. */
const patience = 64;

/** Why no step is like one before: mostly of a link whose state is a plain number that counts. */
function manyKinds(before: Tree, after: Tree): string {
  const path = numberThatMoves(before, after);
  const what = path === undefined ? 'batches, shapes or plain values' : `the number at "${path}"`;
  return `Steps run kernel by kernel for now, since ${what} made each of the last ${patience} another one to record.`;
}

const told = {
  slow: 'Steps run kernel by kernel',
  results: 'steps',
  remedy: 'Give the loss what changes in its batch or state, or train with { capture: false }.',
};

/**
 * Makes the steps of a training by replays on a backend that captures, `native`, bit by bit as `step.update` does; on
 * others, for an update of the user's own, and where something cannot be replayed, by `step.update` itself.
 */
export function capturing<P extends Tree, S extends Tree, O extends Tree, Batch extends Tree>(
  step: TrainStep<P, S, O, Batch>,
  options: CaptureOptions,
): Capturing<P, S, O, Batch> {
  const turn = turnOf(step);
  if (turn === undefined)
    return {
      update: (position, batch, watch) => step.update(position, batch, watch),
      finish: async () => {},
      dispose: () => {},
    };
  const { warn = console.warn } = options;
  const { call, replays, finish, dispose } = replaying((...at: Parameters<typeof turn>) => turn(...at), told, options);
  let unmatched = 0;
  return {
    update(position, batch, watch) {
      if (watch) return step.update(position, batch, watch);
      const before = replays();
      const made = advance(position, (at) => call(at, batch));
      const after = replays();
      unmatched = after !== undefined && after === before ? unmatched + 1 : 0;
      if (unmatched === patience) warn(manyKinds(position, made.position));
      return made;
    },
    finish,
    dispose,
  };
}
