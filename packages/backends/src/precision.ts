import { preciseBackend } from '@steppe/kernels';
import { type Precision, precisions } from '@steppe/kernels/precisions';
import type { BackendName } from './names.ts';

/** Refuses a precision that is none. */
export function checkPrecision(precision: unknown): void {
  if (precision === undefined || precisions.some((name) => name === precision)) return;
  throw new Error(`precision must be one of ${precisions.join(', ')}, got ${String(precision)}.`);
}

/** Sets how the current backend multiplies; what to say where it cannot. */
export function setPrecision(name: BackendName, precision: Precision = 'highest'): readonly string[] {
  const precise = preciseBackend();
  if (precise) precise.precision = precision;
  if (precise?.inFloat32.includes(precision))
    return [`the precision ${precision} changes nothing here: this processor is faster in float32 than with bfloat16`];
  if (precise || precision === 'highest') return [];
  return [
    `the precision ${precision} changes nothing here: ${name} multiplies in float32, and the device native in any`,
  ];
}
