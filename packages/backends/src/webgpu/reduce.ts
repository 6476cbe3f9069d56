import * as tf from '@tensorflow/tfjs-core';
import { type WebGpuBackend, type WebGpuKernel, webGpuKernel } from './kernel.ts';
import { runProgram } from './program.ts';
import { merged, walk } from './walk.ts';

const { computeOutAndReduceShapes, expandShapeToKeepDim, getAxesPermutation, getInnerMostAxes } = tf.backend_util;

type Axes = number | number[];
type Attributes = { axis?: Axes; reductionIndices?: Axes; keepDims?: boolean };

/** What whole numbers and booleans come to: the value of none, and how one more, `v`, changes it. */
const wholes: { readonly [kernel: string]: readonly [none: (dtype: tf.DataType) => number, step: string] } = {
  [tf.All]: [() => 1, 'acc & v'],
  [tf.Any]: [() => 0, 'acc | v'],
  [tf.Max]: [(dtype) => (dtype === 'bool' ? 0 : -(2 ** 31)), 'max(acc, v)'],
  [tf.Min]: [(dtype) => (dtype === 'bool' ? 1 : 2 ** 31 - 1), 'min(acc, v)'],
  [tf.Prod]: [() => 1, 'acc * v'],
  [tf.Sum]: [() => 0, 'acc + v'],
};

/** What no float32 comes to. */
const none: { readonly [kernel: string]: number } = {
  [tf.Max]: Number.NEGATIVE_INFINITY,
  [tf.Min]: Number.POSITIVE_INFINITY,
  [tf.Prod]: 1,
  [tf.Sum]: 0,
  [tf.Mean]: Number.NaN,
};

/** Reduces whole numbers or booleans modulo 2³²: the axes may lie anywhere. */
function reduceWholes(
  backend: WebGpuBackend,
  name: string,
  x: tf.TensorInfo,
  axes: readonly number[],
  shape: readonly number[],
): tf.TensorInfo {
  const [empty, step] = wholes[name] as (typeof wholes)[string];
  const strides = [...tf.util.computeStrides(x.shape), 1];
  const along = (reduced: boolean) =>
    merged(
      x.shape
        .map((side, axis) => ({ side, steps: [strides[axis] as number], axis }))
        .filter(({ axis }) => axes.includes(axis) === reduced),
    );
  const [kept, gone] = [along(false), along(true)];
  const [outer, inner] = [walk('kept', kept, ['base'], 'rest'), walk('gone', gone, ['place'], 'left')];
  return runProgram(backend, {
    key: `${name}_${kept.length}_${gone.length}`,
    inputs: [x],
    shape,
    dtype: name === tf.Sum || name === tf.Prod ? 'int32' : x.dtype,
    groups: tf.util.sizeFromShape([...shape]),
    uniforms: [
      ['length', 'i32', axes.reduce((size, axis) => size * (x.shape[axis] as number), 1)],
      ['none', 'i32', empty(x.dtype)],
      ...outer.uniforms,
      ...inner.uniforms,
    ],
    functions: `var<workgroup> parts : array<i32, 64>; fn more(acc : i32, v : i32) -> i32 { return ${step}; }`,
    code: `var rest = group; var base = 0; ${outer.code}
      var acc = uniforms.none;
      for (var i = lane; i < uniforms.length; i += 64) {
        var left = i; var place = base; ${inner.code}
        acc = more(acc, i32(A[place]));
      }
      parts[lane] = acc;
      workgroupBarrier();
      if (lane == 0 && group < uniforms.size) {
        for (var i = 1; i < 64; i++) { acc = more(acc, parts[i]); }
        result[group] = acc;
      }`,
  });
}

/**
 * Extremes, their places, products, and all or any of booleans.
 *
 * Whole numbers and booleans are reduced by our own program, since the stock kernels round them to float32 and permute
 * them by one that devices reject; on the host, the stock product loses the axes that `keepDims` keeps.
 */
const reduction = (name: string): WebGpuKernel => {
  const key = name === tf.Max ? 'reductionIndices' : 'axis';
  return webGpuKernel<{ x: tf.TensorInfo }, Attributes>(
    name,
    ({ inputs: { x }, attributes, backend }, replaced, { run, view }) => {
      const rank = x.shape.length;
      const axes = tf.util.parseAxisParam(attributes[key] as Axes, x.shape);
      const [reducedShape] = computeOutAndReduceShapes(x.shape, axes);
      const shape = attributes.keepDims ? expandShapeToKeepDim(reducedShape, axes) : reducedShape;
      if (x.dtype !== 'float32' && name in wholes) return reduceWholes(backend, name, x, axes, shape);
      if (x.shape.includes(0) && name in none) return run(tf.Fill, {}, { shape, value: none[name], dtype: 'float32' });
      const perm = x.dtype === 'float32' ? null : getAxesPermutation(axes, rank);
      const reduced = perm
        ? replaced({ x: run(tf.Transpose, { x }, { perm }) }, { [key]: getInnerMostAxes(axes.length, rank) })
        : replaced({ x }, { [key]: axes });
      return view(reduced, shape);
    },
  );
};

/** The value that a sum or mean has by `wholes` and `none` in place of stages, if any. */
export function specialSum(
  backend: WebGpuBackend,
  name: string,
  x: tf.TensorInfo,
  axes: readonly number[],
  shape: readonly number[],
  run: (name: string, inputs: tf.NamedTensorInfoMap, attributes?: object) => tf.TensorInfo,
): tf.TensorInfo | undefined {
  if (x.dtype !== 'float32' && name === tf.Sum) return reduceWholes(backend, name, x, axes, shape);
  if (x.shape.includes(0)) return run(tf.Fill, {}, { shape, value: none[name], dtype: 'float32' });
  return undefined;
}

/** The reductions that the stock WebGPU backend has wrong, but for sums. */
export const reductions: readonly WebGpuKernel[] = [tf.All, tf.Any, tf.ArgMax, tf.ArgMin, tf.Max, tf.Min, tf.Prod].map(
  reduction,
);
