import type { GradConfig, GradSaveFunc, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { kernel, rule } from './rule.ts';
import { besideLargest, places, tap } from './taps.ts';
import * as windows from './windows.ts';

/** The attributes of tfjs's pooling kernels. */
export type PoolAttrs = {
  readonly filterSize: number | readonly number[];
  readonly strides: number | readonly number[];
  readonly pad: windows.Pad;
  readonly dimRoundingMode?: windows.Rounding;
};

/** Where the windows of a pool lie on [batch, ...spatial axes, channels], of which came y. */
function overImage({ shape }: Tensor, y: Tensor, { filterSize, ...layout }: PoolAttrs): readonly windows.Along[] {
  const sizes = typeof filterSize === 'number' ? new Array<number>(shape.length - 2).fill(filterSize) : filterSize;
  const filter = [...sizes, 1, 1];
  if (shape.length === 5) return windows.over3d(shape, filter, layout);
  return windows.over2d(shape, filter, layout, y.shape.slice(1, -1));
}

function atMaxima(x: Tensor, y: Tensor, values: Tensor, attrs: PoolAttrs): Tensor {
  const over = overImage(x, y, attrs);
  const fit = windows.fitOf(over);
  const [image, beside] = [windows.fitted(x, fit, Number.NEGATIVE_INFINITY), windows.fitted(values, fit)];
  const all = places(over.map(({ length }) => length));
  return besideLargest(all, (place) => [tap(image, over, place), tap(beside, over, place)]);
}

/** The gradient of max-pooling for its input. */
function maxPoolGradient(dy: Tensor, input: Tensor, output: Tensor, attrs: PoolAttrs): Tensor {
  const name = input.rank === 4 ? tf.MaxPoolGrad : tf.MaxPool3DGrad;
  const over = overImage(input, output, attrs);
  // Of three axes, tfjs takes the height of the window for its width.
  if (input.rank === 5 && over[1]?.length !== over[2]?.length)
    return tf.grad((values) => atMaxima(input, output, values, attrs))(tf.zerosLike(input), dy);
  if (windows.isPlain(over, attrs)) return kernel(name, { dy, input, output }, attrs);
  const fit = windows.fitOf(over);
  const image = windows.fitted(input, fit, Number.NEGATIVE_INFINITY);
  const { filterSize, strides } = attrs;
  return windows.unfitted(kernel(name, { dy, input: image, output }, { filterSize, strides, pad: 'valid' }), fit);
}

/**
 * Takes from `values` the entries at the places where max-pooling takes its maxima from `x`, the first one of equals.
 *
 * Max-pooling is linear around x, so this is its directional derivative, and the derivative of `MaxPoolGrad` with
 * respect to dy; and `MaxPoolGrad` is the derivative of this, so derivatives of any order are closed.
 *
 * @param x - [batch, ...spatial axes, channels], what was pooled.
 * @param y - What came out.
 * @param values - Of the shape of x.
 * @returns Of the shape of y.
 */
export function maxPoolValues(x: Tensor, y: Tensor, values: Tensor, attrs: PoolAttrs): Tensor {
  const op = tf.customGrad((values, x, y, save) => {
    (save as GradSaveFunc)([x as Tensor, y as Tensor]);
    const gradFunc = (dy: Tensor, [input, output]: Tensor[]): Tensor[] => [
      maxPoolGradient(dy, input as Tensor, output as Tensor, attrs),
      tf.zerosLike(input as Tensor),
      tf.zerosLike(output as Tensor),
    ];
    return { value: atMaxima(x as Tensor, y as Tensor, values as Tensor, attrs), gradFunc };
  });
  // The tape knows it by the name of the scope.
  return tf.tidy('MaxPoolValues', () => op(values, x, y));
}

/**
 * How much more a cell weighs in the average of each window than in one that lies inside of the image: area / cells
 * inside; `null` where no window reaches out.
 *
 * `AvgPool` averages over the cells inside, while `AvgPoolGrad`, its transpose in tfjs, divides by the area of the
 * window.
 */
function borderWeights(over: readonly windows.Along[]): Tensor | null {
  const weights = over.map(({ size, out, stride, length, before }) =>
    Array.from({ length: out }, (_, i) => {
      const start = i * stride - before;
      const inside = Math.min(size, start + length) - Math.max(0, start);
      return inside > 0 ? length / inside : 0;
    }),
  );
  if (weights.flat().every((weight) => weight === 1)) return null;
  const along = (axis: number): number[] => [1, ...over.map(({ out }, i) => (i === axis ? out : 1)), 1];
  return weights
    .map((list, axis): Tensor => tf.tensor(list, along(axis), 'float32'))
    .reduce((product, factor) => tf.mul(product, factor));
}

/** The gradient of average pooling for its input. */
function averageGradient(dy: Tensor, input: Tensor, attrs: PoolAttrs): Tensor {
  const name = input.rank === 4 ? tf.AvgPoolGrad : tf.AvgPool3DGrad;
  const over = overImage(input, dy, attrs);
  const weights = borderWeights(over);
  const weighted = weights === null ? dy : tf.mul(dy, weights);
  if (windows.isPlain(over, attrs)) return kernel(name, { dy: weighted, input }, attrs);
  const fit = windows.fitOf(over);
  const { filterSize, strides } = attrs;
  const image = windows.fitted(input, fit);
  return windows.unfitted(kernel(name, { dy: weighted, input: image }, { filterSize, strides, pad: 'valid' }), fit);
}

/** The gradients of pools, and of their gradients: a pool is linear around a point. */
export const poolRules: readonly GradConfig[] = (
  [
    [tf.AvgPool, tf.AvgPoolGrad, tf.MaxPool, tf.MaxPoolGrad],
    [tf.AvgPool3D, tf.AvgPool3DGrad, tf.MaxPool3D, tf.MaxPool3DGrad],
  ] as const
).flatMap(([average, averageGrad, max, maxGrad]) => [
  rule<PoolAttrs>(average, ['x'], (dy, [x], attrs) => ({ x: () => averageGradient(dy, x, attrs) })),
  rule<PoolAttrs>(averageGrad, ['input'], (ddx, [input], attrs) => ({
    dy: () => {
      const averages = kernel(average, { x: ddx }, attrs);
      const weights = borderWeights(overImage(ddx, averages, attrs));
      return weights === null ? averages : tf.div(averages, weights);
    },
    input: () => tf.zerosLike(input),
  })),
  {
    ...rule<PoolAttrs>(max, ['x'], (dy, [x, y], attrs) => ({ x: () => maxPoolGradient(dy, x, y, attrs) })),
    outputsToSave: [true],
  },
  rule<PoolAttrs>(maxGrad, ['input', 'output'], (ddx, [input, output], attrs) => ({
    dy: () => maxPoolValues(input, output, ddx, attrs),
    input: () => tf.zerosLike(input),
    output: () => tf.zerosLike(output),
  })),
]);
