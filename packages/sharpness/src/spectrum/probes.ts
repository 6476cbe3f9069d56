import { bits, type Key, normals } from '@steppe/random';
import { unitOf } from './host.ts';

/** A random vector of signs, +1 and -1 alike likely. */
export function signs(key: Key, count: number): Float32Array {
  const words = bits(key, count);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) out[i] = (words[i] as number) >>> 31 ? 1 : -1;
  return out;
}

/** A random unit vector, every direction alike likely. */
export const unit = (key: Key, count: number): Float32Array => unitOf(Float64Array.from(normals(key, count)));
