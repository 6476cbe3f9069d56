import {
  All,
  Any,
  ArgMax,
  ArgMin,
  backend_util,
  Max,
  Min,
  Prod,
  type TensorInfo,
  Transpose,
  util,
} from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';

const { computeOutAndReduceShapes, expandShapeToKeepDim, getAxesPermutation, getInnerMostAxes } = backend_util;

type Axes = number | number[];
type Attributes = { axis?: Axes; reductionIndices?: Axes; keepDims?: boolean };

/**
 * Extremes, their places, products, and all or any of booleans.
 *
 * Whole numbers and booleans are permuted by our own `Transpose`, since the stock kernels use one that devices reject;
 * and on the host, the stock product loses the axes that `keepDims` keeps.
 */
const reduction = (name: string): WebGpuKernel => {
  const key = name === Max ? 'reductionIndices' : 'axis';
  return webGpuKernel<{ x: TensorInfo }, Attributes>(name, ({ inputs: { x }, attributes }, replaced, { run, view }) => {
    const rank = x.shape.length;
    const axes = util.parseAxisParam(attributes[key] as Axes, x.shape);
    const perm = x.dtype === 'float32' ? null : getAxesPermutation(axes, rank);
    const reduced = perm
      ? replaced({ x: run(Transpose, { x }, { perm }) }, { [key]: getInnerMostAxes(axes.length, rank) })
      : replaced({ x }, { [key]: axes });
    const [shape] = computeOutAndReduceShapes(x.shape, axes);
    return view(reduced, attributes.keepDims ? expandShapeToKeepDim(shape, axes) : shape);
  });
};

/** The reductions that the stock WebGPU backend has wrong, but for sums. */
export const reductions: readonly WebGpuKernel[] = [All, Any, ArgMax, ArgMin, Max, Min, Prod].map(reduction);
