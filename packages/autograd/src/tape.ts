import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { watch } from './recording.ts';
import { registerRules } from './rules.ts';
import { sweep } from './sweep.ts';

/**
 * Runs one reverse-mode sweep: y = f() and ∂y/∂x for every x; an x that f does not use has no gradient (`undefined`).
 *
 * Records on tfjs's own tape and walks it itself, which the engine's walk cannot replace: it frees each activation as
 * soon as the sweep has passed it, and it finds the way through saved outputs, so a sweep over a sweep is exact. The
 * results belong to the caller's scope; when anything throws, nothing is left.
 *
 * @param also - Further xs, which f itself may make and put there.
 */
export function reverse(
  f: () => Scalar,
  xs: readonly Tensor[],
  also: readonly Tensor[] = [],
): { readonly value: Scalar; readonly grads: readonly (Tensor | undefined)[] } {
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
      let value: Scalar;
      try {
        value = tf.tidy(f);
      } finally {
        state.gradientDepth -= 1;
      }
      const recording = { tape, runs: [...runs], held: outermost ? keeper.held : null };
      return { value, grads: tf.tidy(() => sweep(recording, [...xs, ...also], value)) };
    });
  } finally {
    // A sweep inside another leaves its recording to the outer one, which runs through it.
    if (outermost) {
      for (const node of tape) tf.dispose(node.saved ?? []);
      state.activeTape = enclosing;
    }
  }
}
