import { fc } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { atBroadcast, broadcastShape, build } from './array64.ts';
import { around, array, between, type Case, offGrid, pairs, type Region, seeds, shapes, signed } from './problem.ts';

type Unary = readonly [name: string, op: (x: tf.Tensor) => tf.Tensor, f: (x: number) => number, region?: Region];

/** erf(x) by its power series, which is exact enough in float64 for |x| < 3. */
function erf(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

const selu = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const positive = between(0.4, 2.5);
const inner = between(-0.8, 0.8);

const unary: readonly Unary[] = [
  ['abs', tf.abs, Math.abs, signed],
  ['acos', tf.acos, Math.acos, inner],
  ['acosh', tf.acosh, Math.acosh, between(1.4, 3)],
  ['asin', tf.asin, Math.asin, inner],
  ['asinh', tf.asinh, Math.asinh],
  ['atan', tf.atan, Math.atan],
  ['atanh', tf.atanh, Math.atanh, inner],
  ['cast', (x) => tf.cast(x, 'float32'), (x) => x],
  ['ceil', tf.ceil, Math.ceil, offGrid],
  [
    'clipByValue',
    (x) => tf.clipByValue(x, -1, 1),
    (x) => Math.min(1, Math.max(-1, x)),
    around([-2, -1.2], [-0.8, 0.8]),
  ],
  ['clone', tf.clone, (x) => x],
  ['cos', tf.cos, Math.cos],
  ['cosh', tf.cosh, Math.cosh],
  ['elu', tf.elu, (x) => (x > 0 ? x : Math.expm1(x)), signed],
  ['erf', tf.erf, erf],
  ['exp', tf.exp, Math.exp],
  ['expm1', tf.expm1, Math.expm1],
  ['floor', tf.floor, Math.floor, offGrid],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.3), (x) => (x > 0 ? x : 0.3 * x), signed],
  ['log', tf.log, Math.log, positive],
  ['log1p', tf.log1p, Math.log1p, between(-0.5, 2)],
  ['neg', tf.neg, (x) => -x],
  ['onesLike', tf.onesLike, () => 1],
  ['reciprocal', tf.reciprocal, (x) => 1 / x, positive],
  ['relu', tf.relu, (x) => Math.max(0, x), signed],
  ['relu6', tf.relu6, (x) => Math.min(6, Math.max(0, x)), around([-1.5, -0.2], [5, 5.8])],
  ['relu6 above six', tf.relu6, (x) => Math.min(6, Math.max(0, x)), around([5, 5.8], [6.2, 7])],
  ['round', tf.round, Math.round, offGrid],
  ['rsqrt', tf.rsqrt, (x) => 1 / Math.sqrt(x), positive],
  ['selu', tf.selu, (x) => selu.scale * (x > 0 ? x : selu.alpha * Math.expm1(x)), signed],
  ['sigmoid', tf.sigmoid, sigmoid],
  ['sign', tf.sign, Math.sign, signed],
  ['silu', (x) => tf.mul(x, tf.sigmoid(x)), (x) => x * sigmoid(x)],
  ['sin', tf.sin, Math.sin],
  ['sinh', tf.sinh, Math.sinh],
  ['softplus', tf.softplus, (x) => Math.log1p(Math.exp(x))],
  ['logSigmoid', tf.logSigmoid, (x) => -Math.log1p(Math.exp(-x))],
  ['divNoNan', (x) => tf.divNoNan(2, x), (x) => 2 / x, signed],
  ['sqrt', tf.sqrt, Math.sqrt, positive],
  ['square', tf.square, (x) => x * x],
  ['step', (x) => tf.step(x, 0.1), (x) => (x > 0 ? 1 : 0.1), signed],
  ['tan', tf.tan, Math.tan, inner],
  ['tanh', tf.tanh, Math.tanh],
  ['zerosLike', tf.zerosLike, () => 0],
];

type Binary = readonly [
  name: string,
  op: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  f: (a: number, b: number) => number,
  regions?: readonly [Region, Region],
];

const lower = between(-1, 0.4);
const upper = between(0.5, 1.5);

const broadcasting: readonly Binary[] = [
  ['add', tf.add, (a, b) => a + b],
  ['atan2', tf.atan2, Math.atan2, [signed, positive]],
  ['div', tf.div, (a, b) => a / b, [signed, positive]],
  ['maximum', tf.maximum, Math.max, [lower, upper]],
  ['maximum of the first', tf.maximum, Math.max, [upper, lower]],
  ['minimum', tf.minimum, Math.min, [lower, upper]],
  ['minimum of the second', tf.minimum, Math.min, [upper, lower]],
  ['mod', tf.mod, (a, b) => a - b * Math.floor(a / b), [offGrid, () => 1]],
  ['mul', tf.mul, (a, b) => a * b],
  ['pow', tf.pow, (a, b) => a ** b, [positive, between(0.5, 3)]],
  ['squaredDifference', tf.squaredDifference, (a, b) => (a - b) ** 2],
  ['sub', tf.sub, (a, b) => a - b],
];

const sameShape: readonly Binary[] = [
  ['addN', (a, b) => tf.addN([a, b, a]), (a, b) => 2 * a + b],
  [
    'elu, its gradient',
    (dy, y) => tf.engine().runKernel('EluGrad', { dy, y }) as tf.Tensor,
    (dy, y) => (y >= 0 ? dy : dy * (y + 1)),
    [between(-1, 1), around([-0.9, -0.1], [0.1, 1])],
  ],
  // The condition depends on the inputs, and is no path of its own.
  ['where', (a, b) => tf.where(tf.greater(a, b), a, tf.square(b)), (a, b) => (a > b ? a : b * b), [signed, lower]],
];

const binaryCase = (
  [name, op, f, [first, second] = [between(-1.5, 1.5), between(-1.3, 1.7)]]: Binary,
  bothShapes: fc.Arbitrary<readonly [number[], number[]]>,
): Case => ({
  name,
  problems: fc.tuple(bothShapes, seeds).map(([[a, b], seed]) => ({
    inputs: [array(a, seed, first), array(b, seed + 0.5, second)],
    op,
    op64: (x, y) => build(broadcastShape(a, b), (place) => f(atBroadcast(x, place), atBroadcast(y, place))),
  })),
});

const alphaShapes = shapes(1).map((shape) => [shape, shape.slice(-1)] as const);

export const elementwise: readonly Case[] = [
  ...unary.map(
    ([name, op, f, region]): Case => ({
      name,
      problems: fc.tuple(shapes(), seeds).map(([shape, seed]) => ({
        inputs: [array(shape, seed, region)],
        op,
        op64: (x) => ({ shape, data: x.data.map(f) }),
      })),
    }),
  ),
  ...broadcasting.map((binary) => binaryCase(binary, pairs())),
  ...sameShape.map((binary) =>
    binaryCase(
      binary,
      shapes().map((shape) => [shape, shape] as const),
    ),
  ),
  binaryCase(['prelu', tf.prelu, (x, alpha) => (x > 0 ? x : alpha * x), [signed, between(0.1, 0.9)]], alphaShapes),
];
