import { backend_util, Elu, Selu, TopK } from '@tensorflow/tfjs-core';
import { type Correction, correction, numbers } from './correction.ts';

const exponential = (kernel: string, above: number, below: number): Correction =>
  correction<'x'>(kernel, 'exp(x) - 1 lost the digits of small numbers', (backend, { x }) => {
    if (x.dtype !== 'float32') return undefined;
    const values = Float32Array.from(numbers(backend, x), (a) => (a >= 0 ? above * a : below * Math.expm1(a)));
    return backend.makeTensorInfo(x.shape, 'float32', values);
  });

/** Whether a comes before b among the greatest: NaN first, as in JAX, and of equals the one that stands first. */
const order = (a: number, b: number): number =>
  a === b || (Number.isNaN(a) && Number.isNaN(b)) ? 0 : a > b || Number.isNaN(a) ? -1 : 1;

/** Kernels that went wrong by rounding, or by the difference of infinities. */
export const elementCorrections: readonly Correction[] = [
  exponential(Elu, 1, 1),
  exponential(Selu, backend_util.SELU_SCALE, backend_util.SELU_SCALEALPHA),
  correction<'x', { readonly k: number }>(
    TopK,
    'two infinities or a NaN gave others than the greatest',
    (backend, { x }, { k }) => {
      if (!Number.isInteger(k)) return undefined;
      const values = numbers(backend, x);
      const size = x.shape.at(-1) ?? 0;
      const rows = size === 0 ? 0 : values.length / size;
      const [top, places] = [values.slice(0, rows * k), new Int32Array(rows * k)];
      for (let row = 0; row < rows; row++) {
        const own = values.subarray(row * size, (row + 1) * size);
        const sorted = Array.from(own, (_, i) => i).sort((i, j) => order(own[i] as number, own[j] as number) || i - j);
        for (let i = 0; i < k; i++) {
          places[row * k + i] = sorted[i] as number;
          top[row * k + i] = own[sorted[i] as number] as number;
        }
      }
      const shape = [...x.shape.slice(0, -1), k];
      return [backend.makeTensorInfo(shape, x.dtype, top), backend.makeTensorInfo(shape, 'int32', places)];
    },
  ),
];
