import type { Precision } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs-core';
import type { Library } from '../../src/library.ts';
import { type Native, nativeBackends } from './backends.ts';

/** A binary that multiplies bfloat16 by one kind of instruction, which `use` chooses; binaries are shared. */
export type Multiplier = Native & { readonly title: string; readonly unit: number };

const titles = ['in float32', 'by dot products', 'by tiles'] as const;

/** Every way to multiply bfloat16 that this processor has. */
export async function multipliers(): Promise<readonly Multiplier[]> {
  return (await nativeBackends()).flatMap((native) =>
    titles.flatMap((title, unit) =>
      native.library.steppe_set_matrix_unit(unit) === unit
        ? [{ ...native, title: `${native.name} ${title}`, unit }]
        : [],
    ),
  );
}

/** Runs something on a multiplier in a precision, and puts both back. */
export function inPrecision<Result>(
  { name, library, unit }: { readonly name: string; readonly library: Library; readonly unit: number },
  precision: Precision,
  run: () => Result,
): Result {
  const backend: object = tf.findBackend(name);
  if (!('precision' in backend)) throw new Error(`${name} knows no precision.`);
  library.steppe_set_matrix_unit(unit);
  backend.precision = precision;
  try {
    return run();
  } finally {
    backend.precision = 'highest';
    library.steppe_set_matrix_unit(0);
  }
}

const [float, bits] = [new Float32Array(1), new Uint32Array(1)];
const shared = new Uint32Array(float.buffer);

/** A float32 rounded to bfloat16, to nearest even; written from the definition of the format. */
export function rounded(x: number): number {
  float[0] = x;
  const word = shared[0] ?? 0;
  const [low, high] = [word & 0xffff, word >>> 16];
  const up = low > 0x8000 || (low === 0x8000 && high % 2 === 1);
  bits[0] = (high + (up ? 1 : 0)) * 0x10000;
  shared[0] = bits[0] ?? 0;
  return float[0];
}
