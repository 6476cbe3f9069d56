import * as tf from '@tensorflow/tfjs-core';

/** What stands for a tensor in the text of a tree: where its bytes begin, its type and its shape. */
type Place = {
  readonly $tensor: readonly [begin: number, dtype: 'float32' | 'int32' | 'bool', shape: readonly number[]];
};

const isPlace = (part: unknown): part is Place => typeof part === 'object' && part !== null && '$tensor' in part;

/** Writes records and lists of tensors and plain data as bytes: the length of a text, the text, and the values. */
export function pack(tree: unknown): Uint8Array {
  const values: Uint8Array[] = [];
  let length = 0;
  const written = (part: unknown): unknown => {
    if (part instanceof tf.Tensor) {
      const { buffer, byteOffset, byteLength } = part.dataSync();
      const begin = length;
      values.push(new Uint8Array(buffer, byteOffset, byteLength));
      length += byteLength;
      return { $tensor: [begin, part.dtype, part.shape] };
    }
    if (Array.isArray(part)) return part.map(written);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, own]) => [name, written(own)]));
  };
  const text = new TextEncoder().encode(JSON.stringify(written(tree)));
  const bytes = new Uint8Array(4 + text.length + length);
  new DataView(bytes.buffer).setUint32(0, text.length);
  bytes.set(text, 4);
  let at = 4 + text.length;
  for (const own of values) {
    bytes.set(own, at);
    at += own.length;
  }
  return bytes;
}

/** Reads what `pack` wrote; the tensors are the caller's. */
export function unpack(bytes: Uint8Array): unknown {
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const read = (part: unknown): unknown => {
    if (isPlace(part)) {
      const [begin, dtype, shape] = part.$tensor;
      const size = tf.util.sizeFromShape([...shape]);
      const kind = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array;
      // A copy: numbers begin at multiples of their size.
      const own = bytes.slice(end + begin, end + begin + size * kind.BYTES_PER_ELEMENT);
      return tf.tensor(new kind(own.buffer, 0, size), [...shape], dtype);
    }
    if (Array.isArray(part)) return part.map(read);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, own]) => [name, read(own)]));
  };
  return read(JSON.parse(new TextDecoder().decode(bytes.subarray(4, end))));
}
