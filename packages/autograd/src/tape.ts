import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { watch } from './recording.ts';
import { registerRules } from './rules.ts';
import { sweep } from './sweep.ts';

/** What a sweep is to do beside giving gradients. */
export type SweepOptions = {
  /** Further xs, which f itself may make and put there. */
  readonly also?: readonly Tensor[];
  /** Whether the gradients are differentiated only, so that nobody looks at their numbers: some are then zeros, which a
   * kernel would have replaced at the cost of a convolution. */
  readonly unread?: boolean;
};

/**
 * Runs one reverse-mode sweep: ys = f() and Σ dy·∂y/∂x for every x; an x that no y depends on has no gradient
 * (`undefined`).
 *
 * Records on tfjs's own tape and walks it itself, which the engine's walk cannot replace: it frees each activation as
 * soon as the sweep has passed it, and it finds the way through saved outputs, so a sweep over a sweep is exact. The
 * results belong to the caller's scope; when anything throws, nothing is left.
 *
 * @param cotangents - Gives a dy in the shape of each y.
 */
export function pullback(
  f: () => Tensor[],
  xs: readonly Tensor[],
  cotangents: (ys: readonly Tensor[]) => readonly Tensor[],
  { also = [], unread = false }: SweepOptions = {},
): { readonly ys: readonly Tensor[]; readonly grads: readonly (Tensor | undefined)[] } {
  registerRules();
  const { state } = tf.engine();
  const outermost = state.gradientDepth === 0;
  // A gradient rule may take gradients itself (recomputing activations), in the middle of a walk over another tape.
  const enclosing = state.activeTape;
  if (outermost) state.activeTape = [];
  const tape = state.activeTape;
  try {
    // What the gradients of customGrads use belongs to a scope that is open until the sweep is over.
    return tf.tidy(() => {
      const { runs, keeper } = watch(tape, xs);
      state.gradientDepth += 1;
      let ys: Tensor[];
      try {
        ys = tf.tidy(f);
      } finally {
        state.gradientDepth -= 1;
      }
      const recording = { tape, runs: [...runs], held: outermost ? keeper.held : null, unread };
      return { ys, grads: tf.tidy(() => sweep(recording, [...xs, ...also], ys, cotangents(ys))) };
    });
  } finally {
    // A sweep inside another leaves its recording to the outer one, which runs through it.
    if (outermost) {
      for (const node of tape) tf.dispose(node.saved ?? []);
      state.activeTape = enclosing;
    }
  }
}

/** Runs one reverse-mode sweep of a number: y = f() and ∂y/∂x for every x. */
export function reverse(
  f: () => Scalar,
  xs: readonly Tensor[],
  options: SweepOptions = {},
): { readonly value: Scalar; readonly grads: readonly (Tensor | undefined)[] } {
  const one = (ys: readonly Tensor[]): readonly Tensor[] => ys.map(({ shape }) => tf.ones(shape));
  const { ys, grads } = pullback(() => [f()], xs, one, options);
  return { value: ys[0] as Scalar, grads };
}
