import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { pure } from '../ownership.ts';
import { checkSeal } from './digest.ts';
import { parseHeader, parseStored, type StoredEntry } from './header.ts';
import { numberTypes } from './numbers.ts';
import { ARRAYS } from './read-into.ts';

/** Whether a number is one of the tensor's type: a float32 that did not overflow, an int32. */
const fits = {
  float32: (x: number) => !Number.isFinite(x) || Number.isFinite(Math.fround(x)),
  int32: (x: number) => x === (x | 0),
  bool: (x: number) => x === 0 || x === 1,
} as const;

/** The types whose bytes are those of the tensor: little-endian, as are all machines that run JavaScript today. */
const AS_THEY_ARE: ReadonlySet<string> = new Set(['F32', 'I32']);

function tensorOf({ name, code, shape, begin, end }: StoredEntry, data: Uint8Array): Tensor {
  const type = numberTypes.get(code);
  const tensor = `tensor ${JSON.stringify(name).slice(0, 80)}`;
  if (type === undefined)
    throw new Error(
      `The ${tensor} has the type ${code}, which is not read here, of ${[...numberTypes.keys()].join(', ')}: ` +
        'save it as one of these.',
    );
  const values = new ARRAYS[type.dtype]((end - begin) / type.bytes);
  if (AS_THEY_ARE.has(code)) {
    new Uint8Array(values.buffer).set(data.subarray(begin, end));
    return tf.tensor(values, [...shape], type.dtype);
  }
  const view = new DataView(data.buffer, data.byteOffset + begin, end - begin);
  for (let i = 0; i < values.length; i += 1) {
    const value = type.read(view, i * type.bytes);
    if (!fits[type.dtype](value))
      throw new Error(
        `The ${tensor} of type ${code} holds ${value}, which is no ${type.dtype}: save it as another type.`,
      );
    values[i] = value;
  }
  return tf.tensor(values, [...shape], type.dtype);
}

/**
 * Reads the tensors of a safetensors file that any library wrote, by their names.
 *
 * F32, F16, BF16 and F64 become float32, the last rounded; whole numbers of any size int32, and BOOL bool. A file that
 * `serialize` wrote is read too, after its digests are checked, but `deserialize` gives its tree.
 *
 * @returns The tensors, which are the caller's to free, and the strings of the metadata.
 * @throws When the file is not intact; when a tensor has another type, or a number that its type here cannot hold, with
 * its name; nothing is left behind.
 * @see https://github.com/huggingface/safetensors#format
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { readSafetensors, serialize } from '@steppe/tree';
 *
 * const { tensors } = await readSafetensors(await serialize({ w: tf.tensor1d([1, 2]) }));
 * console.log(Object.keys(tensors), tensors['.w']?.arraySync()); // => [ '.w' ] [ 1, 2 ]
 * ```
 */
export async function readSafetensors(bytes: Uint8Array | ArrayBuffer): Promise<{
  readonly tensors: { readonly [name: string]: Tensor };
  readonly metadata: { readonly [name: string]: string };
}> {
  const { entries, metadata, data, isOurs } = parseStored(bytes);
  if (isOurs) await checkSeal(parseHeader(bytes), data);
  return {
    tensors: pure(() => Object.fromEntries(entries.map((entry) => [entry.name, tensorOf(entry, data)]))),
    metadata,
  };
}
