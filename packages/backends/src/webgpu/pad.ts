import { PadV2, type TensorInfo } from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** Pads: `PadV2`. The stock shader for more than four axes is invalid; here each axis is padded in turn, between all
 * before it and all after it. */
export const pad: WebGpuKernel = webGpuKernel<
  { x: TensorInfo },
  { paddings: [number, number][]; constantValue: number }
>(PadV2, ({ inputs: { x }, attributes: { paddings, constantValue } }, replaced, { view }) => {
  if (x.shape.length <= 4) return replaced({ x }, { paddings, constantValue });
  const shape = [...x.shape];
  let padded = x;
  for (const [axis, [before, after]] of paddings.entries()) {
    if (before + after === 0) continue;
    const size = shape[axis] as number;
    const slab = view(padded, [product(shape.slice(0, axis)), size, product(shape.slice(axis + 1))]);
    padded = replaced(
      { x: slab },
      {
        paddings: [
          [0, 0],
          [before, after],
          [0, 0],
        ],
        constantValue,
      },
    );
    shape[axis] = before + size + after;
  }
  return view(padded, shape);
});
