import { bits, foldIn, type Key } from '@steppe/random';

/** A `Math.random` that draws from a key: TensorFlow.js seeds every unseeded dropout mask and noise by it. */
export function randomStream(key: Key): () => number {
  let drawn = 0;
  return () => {
    const [high = 0, low = 0] = bits(foldIn(key, drawn++), 2);
    return ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53;
  };
}
