import { key } from '@steppe/random';
import { size, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Network, Shape, Size } from '../options/networks/entry.ts';

/** One alone is no batch to normalize by. */
const images = 2;

/** What gives its input another shape and holds no numbers of its own. */
const views: ReadonlySet<string> = new Set(['Reshape', 'Identity', 'ExpandDims', 'Squeeze', 'Cast']);

/**
 * Says how large a network is that was made, by one forward pass of a few images: every kernel's result is what the
 * backward pass needs of some image, about: 0.47 to 1.11 of what a gradient was seen to keep (tools/bench/memory.mjs).
 */
export async function tracedSize(
  network: Network,
  { params, state }: { readonly params: Tree; readonly state: Tree },
  shape: Shape,
): Promise<Size> {
  const { kernels } = await tf.profile(() => {
    tf.tidy(() => {
      network.apply(params, state, tf.zeros([images, ...shape]), { training: true, key: key(0) });
    });
    return [];
  });
  const activations = kernels
    .filter(({ name }) => !views.has(name))
    .flatMap(({ outputShapes }) => outputShapes)
    .reduce((sum, output) => sum + tf.util.sizeFromShape(output), 0);
  return { parameters: size(params), state: size(state), activations: activations / images };
}
