import { checkRecord, shown } from '@steppe/check';
import type { Tensor } from '@tensorflow/tfjs-core';
import { METADATA, OURS, printHeader } from './header.ts';
import { layout } from './in-parts.ts';
import { readInto } from './read-into.ts';

/**
 * Writes tensors under names of your choice into a safetensors file as every library reads it: the counterpart of
 * `readSafetensors`; `serialize` writes a tree that comes back as one.
 *
 * @param tensors - Float32, int32 or bool, by name; they may be freed as soon as the call has returned its promise.
 * @param metadata - Strings by name; PyTorch's tools ask for `{ format: 'pt' }`.
 * @throws When a tensor has another type or is freed, with its name; when a name is `__metadata__`, or the metadata are
 * no strings or have a name by which files of `serialize` are known.
 * @see https://github.com/huggingface/safetensors#format
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { readSafetensors, writeSafetensors } from '@steppe/tree';
 *
 * const bytes = await writeSafetensors({ 'fc.weight': tf.tensor2d([[1, 2]]) }, { format: 'pt' });
 * const { tensors, metadata } = await readSafetensors(bytes);
 * console.log(tensors['fc.weight']?.arraySync(), metadata); // => [ [ 1, 2 ] ] { format: 'pt' }
 * ```
 */
export async function writeSafetensors(
  tensors: { readonly [name: string]: Tensor },
  metadata: { readonly [name: string]: string } = {},
): Promise<Uint8Array> {
  checkRecord('The tensors', tensors);
  checkRecord('The metadata', metadata);
  if (Object.hasOwn(tensors, METADATA)) throw new Error(`A tensor cannot be called "${METADATA}": rename it.`);
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw new Error(`Metadata are strings, got ${shown(value)} as "${name}".`);
    if (OURS.includes(name))
      throw new Error(`The metadata "${name}" mark a tree that serialize wrote: give them another name.`);
  }
  const placed = layout(Object.entries(tensors).map(([path, leaf]) => ({ path, leaf })));
  const header = printHeader({ entries: placed.map(({ entry }) => entry), metadata });
  const file = new Uint8Array(header.length + (placed.at(-1)?.entry.end ?? 0));
  file.set(header);
  await readInto(
    file.subarray(header.length),
    placed.map(({ leaf }) => leaf),
  );
  return file;
}
