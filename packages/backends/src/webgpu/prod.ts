import { Prod, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';

/** Products along axes: `Prod`. For small tensors on the host, the stock kernel loses the axes that `keepDims` keeps. */
export const prod: WebGpuKernel = webGpuKernel<{ x: TensorInfo }, { axis: number | number[]; keepDims: boolean }>(
  Prod,
  ({ inputs: { x }, attributes: { axis, keepDims } }, replaced, { view }) => {
    const product = replaced({ x }, { axis, keepDims: false });
    if (!keepDims) return product;
    const axes = util.parseAxisParam(axis, x.shape);
    return view(
      product,
      x.shape.map((size, at) => (axes.includes(at) ? 1 : size)),
    );
  },
);
