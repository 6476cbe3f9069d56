import { Mean, PadV2, Sum, type TensorInfo, Transpose, util } from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';
import { specialSum } from './reduce.ts';

/** The stock kernels add up this many numbers well; over more, float32 loses digits, and few threads do the work. */
const SHORT = 1024;

/** The largest divisor of a length that is at most `SHORT`. */
const divisor = (length: number): number => {
  let size = SHORT;
  while (length % size !== 0) size--;
  return size;
};

type Attributes = { axis: number | number[]; keepDims: boolean };

/**
 * Sums and means: over long axes in stages, since a million tenths came to 100004; of whole numbers and booleans by our
 * own `Transpose`, since the stock kernels use one that devices reject.
 */
const reduction = (name: string): WebGpuKernel =>
  webGpuKernel<{ x: TensorInfo }, Attributes>(
    name,
    ({ inputs: { x }, attributes, backend }, replaced, { run, view }) => {
      const axes = util.parseAxisParam(attributes.axis, x.shape);
      const length = axes.reduce((size, axis) => size * (x.shape[axis] as number), 1);
      const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
      const shape = attributes.keepDims
        ? x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
        : kept.map((axis) => x.shape[axis] as number);
      const special = specialSum(backend, name, x, axes, shape, run);
      if (special) return special;
      if (x.dtype === 'float32' && length <= SHORT) return replaced({ x }, attributes);
      const perm = [...kept, ...axes];
      const last = perm.every((axis, i) => axis === i) ? x : run(Transpose, { x }, { perm });
      const outer = util.sizeFromShape(shape);
      let [sums, left] = [view(last, [outer, length]), length];
      while (left > SHORT) {
        // Zeros do no harm to a sum; a mean needs parts of one size, and no more numbers than there are.
        const even = divisor(left);
        const part = name === Mean || even >= 32 ? even : SHORT;
        const parts = Math.ceil(left / part);
        if (part === 1) break;
        const paddings = [
          [0, 0],
          [0, parts * part - left],
        ];
        const whole = parts * part === left ? sums : run(PadV2, { x: sums }, { paddings, constantValue: 0 });
        sums = replaced({ x: view(whole, [outer * parts, part]) }, { axis: 1, keepDims: false });
        left = parts;
      }
      return view(replaced({ x: view(sums, [outer, left]) }, { axis: 1, keepDims: false }), shape);
    },
  );

export const sum: WebGpuKernel = reduction(Sum);
export const mean: WebGpuKernel = reduction(Mean);
