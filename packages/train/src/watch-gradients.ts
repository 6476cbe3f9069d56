import { dispose, leaves, norm, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** Sees each evaluation of a step's gradient, at w and elsewhere; its tensors are freed with the step. */
export type Watch = (evaluation: { readonly grads: Tree }) => void;

/** A watch that tells afterwards where a gradient was not finite. */
export type Watched = {
  readonly watch: Watch;
  /** Says in words which leaf of which evaluation was the first. */
  findings(): Promise<string>;
  dispose(): void;
};

/** Watches the evaluations of one step, and keeps the norm of each leaf of their gradients. */
export function watchGradients(): Watched {
  const seen: { readonly paths: readonly string[]; readonly norms: Tensor }[] = [];
  return {
    watch({ grads }) {
      const all = leaves(grads);
      if (all.length === 0) return;
      const norms = tf.tidy(() => tf.stack(all.map(({ leaf }) => norm(leaf))));
      seen.push({ paths: all.map(({ path }) => path), norms: tf.keep(norms) });
    },
    async findings() {
      for (const [i, { paths, norms }] of seen.entries()) {
        const read = await norms.data();
        const first = read.findIndex((length) => !Number.isFinite(length));
        if (first < 0) continue;
        const which = seen.length > 1 ? ` ${i + 1} of ${seen.length}` : '';
        return `gradient${which} is not finite, first at "${paths[first] || '.'}" with the norm ${read[first]}`;
      }
      return 'its gradients are finite';
    },
    dispose: () => dispose(seen.map(({ norms }) => norms)),
  };
}
