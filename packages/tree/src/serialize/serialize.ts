import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { pure } from '../ownership.ts';
import type { Tree } from '../tree.ts';
import { checkSeal, sha256 } from './digest.ts';
import { type Entry, parseHeader } from './header.ts';
import { FORMAT, serializeInParts } from './in-parts.ts';
import { damaged, parseCanonical } from './intact.ts';
import { decode, type Plain } from './plain.ts';
import { ARRAYS, readInto } from './read-into.ts';

function tensorOf({ dtype, shape, begin, end }: Entry, data: Uint8Array): Tensor {
  const bytes = new Uint8Array(end - begin);
  bytes.set(data.subarray(begin, end));
  return tf.tensor(new ARRAYS[dtype](bytes.buffer), [...shape], dtype);
}

/**
 * Turns a tree into bytes, for a file or a message: the safetensors format, which every safetensors reader reads.
 *
 * Tensors are named by their paths (`.layers[2].kernel`; a bare tensor is `.`) and keep every bit, NaN payloads and -0
 * included. The structure, the plain data of the tree and the metadata travel as JSON in the header, with SHA-256
 * digests of header and data. Float32, int32 and bool are saved. The tree may be freed as soon as the call has returned
 * its promise.
 *
 * @param metadata - Plain data to keep beside the tree, such as a configuration.
 * @throws When a leaf has another type or is freed, or the tree holds what is no plain data, with its path; when there
 * are more than 50,000 tensors.
 * @see https://github.com/huggingface/safetensors#format
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { deserialize, serialize } from '@steppe/tree';
 *
 * const bytes = await serialize({ w: tf.tensor1d([1, 2]), steps: 10 }, { name: 'first' });
 * const { tree, metadata } = await deserialize(bytes);
 * const { w, steps } = tree as { w: tf.Tensor; steps: number };
 * console.log(w.arraySync(), steps, metadata); // => [ 1, 2 ] 10 { name: 'first' }
 * ```
 */
export async function serialize(tree: Tree, metadata: Plain = null): Promise<Uint8Array> {
  const { tensors, headerBytes, dataBytes, header } = serializeInParts(tree, metadata);
  const file = new Uint8Array(headerBytes + dataBytes);
  const data = file.subarray(headerBytes);
  await readInto(data, tensors);
  file.set(await header(await sha256(data)));
  return file;
}

/**
 * Turns bytes that `serialize` made back into the tree and its metadata, after checking every bit of them.
 *
 * Bytes may come from anywhere: whatever is not exactly what `serialize` writes is refused before a tensor is made.
 * What comes back is plain data of any structure; `map2(expected, tree, …)` checks it against a tree of the structure
 * that you expect.
 *
 * @returns The tree, whose tensors are the caller's to free, and the metadata.
 * @throws When the bytes are not intact, with one line on what is wrong, or a sound safetensors file of another library,
 * which `readSafetensors` reads; nothing is left behind.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { deserialize, serialize } from '@steppe/tree';
 *
 * const bytes = await serialize(tf.ones([3]));
 * bytes.set([0], bytes.length - 1);
 * await deserialize(bytes).catch((error: Error) => console.log(error.message.slice(0, 33))); // => Not an intact tree file: its data
 * ```
 */
export async function deserialize(
  bytes: Uint8Array | ArrayBuffer,
): Promise<{ readonly tree: Tree; readonly metadata: Plain }> {
  const { data, ...header } = parseHeader(bytes);
  const { steppe: format, tree, metadata } = header.metadata;
  if (format !== FORMAT)
    throw damaged(
      format === undefined
        ? 'its metadata lacks the format'
        : `it has format ${JSON.stringify(format).slice(0, 80)}, this version reads format "${FORMAT}"`,
    );
  await checkSeal(header, data);

  const structure = parseCanonical(tree ?? '', 'its structure');
  const waiting = new Map(header.entries.map((entry) => [entry.name, entry]));
  decode(structure, (name) => {
    if (!waiting.delete(name)) throw damaged('its structure names a tensor that is not there, or one twice');
    return null;
  });
  if (waiting.size > 0) throw damaged(`its structure does not name ${waiting.size} of its tensors`);

  const plain = decode(parseCanonical(metadata ?? '', 'its metadata'), () => {
    throw damaged('its metadata names a tensor');
  }) as Plain;

  const entries = new Map(header.entries.map((entry) => [entry.name, entry]));
  return {
    tree: pure(() => decode(structure, (name) => tensorOf(entries.get(name) as Entry, data))),
    metadata: plain,
  };
}
