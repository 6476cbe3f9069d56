import { type Tree, writeSafetensors } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { toPublished } from './layouts.ts';
import type { WeightName } from './names.ts';
import { placed, type Weights } from './placed.ts';

/**
 * Writes a network as a safetensors file with the names and the layout of another library, which then loads it: PyTorch
 * by `load_state_dict(safetensors.torch.load_file(...))`.
 *
 * @param names - Those of the network and the library, such as `efficientNetNames(options, 'timm')`.
 * @returns The bytes of the file, which `loadSafetensors` reads back bit for bit.
 * @throws When the names are those of another network.
 * @see https://github.com/huggingface/safetensors#format
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { exportSafetensors, initConv } from '@steppe/models';
 * import { key } from '@steppe/random';
 * import { readSafetensors } from '@steppe/tree';
 *
 * const file = await exportSafetensors(
 *   [{ path: '.stem.kernel', name: 'conv1.weight', layout: 'conv', of: 'params' }],
 *   { params: { stem: initConv(key(0), 3, 1, 16) }, state: null },
 * );
 * console.log((await readSafetensors(file)).tensors['conv1.weight']?.shape); // => [ 16, 1, 3, 3 ]
 * ```
 */
export async function exportSafetensors(
  names: readonly WeightName[],
  weights: Weights<Tree, Tree>,
): Promise<Uint8Array> {
  const all = placed(names, weights);
  const tensors = tf.tidy(() =>
    Object.fromEntries(all.map(({ name, layout, leaf }) => [name, tf.clone(toPublished(leaf, layout))])),
  );
  try {
    return await writeSafetensors(tensors, { format: 'pt' });
  } finally {
    tf.dispose(tensors);
  }
}
