import type { FusedBatchNormAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { real } from '../arguments/numbers.ts';
import { refuse } from '../arguments/refusal.ts';
import { sizeOf } from '../memory/data.ts';
import { check, type Kernel, kernel, type Runtime } from '../runtime.ts';

/** The normalization of channels with given statistics. */
export function normKernels({ library, storage }: Runtime): Kernel[] {
  return [
    kernel<'x' | 'mean' | 'variance', FusedBatchNormAttrs>(
      'FusedBatchNorm',
      ({ x, mean, variance, ...rest }, { varianceEpsilon }) => {
        const { offset, scale } = rest as Partial<Record<'offset' | 'scale', TensorInfo>>;
        const channels = x.shape.at(-1) ?? 1;
        for (const [name, t] of Object.entries({ mean, variance, offset, scale })) if (t) statistic(name, t, x, mean);
        const perChannel = [mean, variance, offset, scale].every(
          (t) => !t || (t.dtype === 'float32' && sizeOf(t.shape) === channels),
        );
        if (x.dtype !== 'float32' || x.shape.length === 0 || !perChannel) return undefined;
        const address = (t: TensorInfo | undefined): number => (t ? storage.get(t.dataId).address : 0);
        const inputs = [address(x), address(mean), address(variance), address(offset), address(scale)];
        const y = storage.output(x.shape, 'float32');
        const rows = channels === 0 ? 0 : sizeOf(x.shape) / channels;
        check(
          library.steppe_batch_norm(
            ...inputs,
            storage.get(y.dataId).address,
            rows,
            channels,
            real('varianceEpsilon', varianceEpsilon ?? 0.001),
          ),
        );
        return y;
      },
    ),
  ];
}

/** Checks a factor. @throws When the tensor does not go evenly over x, as do one number, or those of its last
 * dimensions. */
function statistic(name: string, t: TensorInfo, { shape }: TensorInfo, mean: TensorInfo): void {
  // As nearly always: one factor for each channel.
  if (t.shape.length === 1 && mean.shape.length === 1 && t.shape[0] === shape.at(-1)) return;
  if (t.shape.length !== mean.shape.length) refuse(name, `of ${mean.shape.length} dimensions, as mean`, `[${t.shape}]`);
  const sizes = new Set(shape.map((_, d) => sizeOf(shape.slice(d))).toReversed()).add(1);
  if (!sizes.has(sizeOf(t.shape))) refuse(name, `of ${[...sizes].join(' or ')} elements`, `[${t.shape}]`);
}
