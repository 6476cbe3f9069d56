import '#gradients';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type MirrorAttrs, mirrored } from './mirror-rule.ts';
import { borderWeights, maxPoolValues, type PoolAttrs } from './pool-rule.ts';
import { kernel, ofShape, rule } from './rule.ts';

const weighted = (x: Tensor, weights: Tensor | null): Tensor => (weights === null ? x : tf.mul(x, weights));

/**
 * The gradients that tfjs does not have, of the kernels that its own gradients run.
 *
 * Convolution, its gradient for the input and its gradient for the filter are three views of one trilinear form, so the
 * derivative of each is one of the others. Pooling is linear around a point. These complete the second derivatives.
 */
const MISSING: readonly GradConfig[] = [
  rule(tf.Conv2DBackpropFilter, ['x', 'dy'], (ddw, [x, dy], attrs) => ({
    x: () => kernel(tf.Conv2DBackpropInput, { dy: dy as Tensor, filter: ddw }, { ...attrs, inputShape: x?.shape }),
    dy: () => kernel(tf.Conv2D, { x: x as Tensor, filter: ddw }, { ...attrs, dilations: [1, 1] }),
  })),
  rule(tf.DepthwiseConv2dNativeBackpropInput, ['dy', 'filter'], (ddx, [dy, filter], attrs) => ({
    dy: () => kernel(tf.DepthwiseConv2dNative, { x: ddx, filter: filter as Tensor }, { dataFormat: 'NHWC', ...attrs }),
    filter: () =>
      kernel(
        tf.DepthwiseConv2dNativeBackpropFilter,
        { x: ddx, dy: dy as Tensor },
        { ...attrs, filterShape: filter?.shape },
      ),
  })),
  rule(tf.DepthwiseConv2dNativeBackpropFilter, ['x', 'dy'], (ddw, [x, dy], attrs) => ({
    x: () =>
      kernel(
        tf.DepthwiseConv2dNativeBackpropInput,
        { dy: dy as Tensor, filter: ddw },
        { ...attrs, inputShape: x?.shape },
      ),
    dy: () => kernel(tf.DepthwiseConv2dNative, { x: x as Tensor, filter: ddw }, { dataFormat: 'NHWC', ...attrs }),
  })),
  rule(tf.AvgPoolGrad, ['input'], (ddx, [input], attrs) => ({
    dy: () => {
      const averages = kernel(tf.AvgPool, { x: ddx }, attrs);
      const weights = borderWeights(ddx, attrs as PoolAttrs);
      return weights === null ? averages : tf.div(averages, weights);
    },
    input: () => tf.zerosLike(input as Tensor),
  })),
  rule(tf.MaxPoolGrad, ['input', 'output'], (ddx, [input, output], attrs) => ({
    dy: () => maxPoolValues(input as Tensor, output as Tensor, ddx, attrs as PoolAttrs),
    input: () => tf.zerosLike(input as Tensor),
    output: () => tf.zerosLike(output as Tensor),
  })),
  rule(tf.EluGrad, ['dy', 'y'], (ddx, [dy, y], attrs) => ({
    dy: () => kernel(tf.EluGrad, { dy: ddx, y: y as Tensor }, attrs),
    y: () => tf.mul(ddx, tf.where(tf.less(y as Tensor, 0), dy as Tensor, tf.zerosLike(dy as Tensor))),
  })),
];

/** The rule of tfjs for an operation of a and b, which forgets that they may have been broadcast. */
function broadcasting(kernelName: string): GradConfig {
  const forgetful = tf.getGradient(kernelName);
  return rule(kernelName, ['a', 'b'], (dy, [a, b], attrs) => {
    const rules = forgetful.gradFunc(dy, [a as Tensor, b as Tensor], attrs);
    return {
      a: () => ofShape(rules.a?.() as Tensor, a?.shape as number[]),
      b: () => ofShape(rules.b?.() as Tensor, b?.shape as number[]),
    };
  });
}

/**
 * The gradients that tfjs has wrong: of mirrored and of averaged borders, of sums along an axis that is not the last,
 * and of windows that `dimRoundingMode` adds, all without a word; and of what broadcasts, by a shape that does not fit.
 */
const CORRECTED: readonly GradConfig[] = [
  ...[tf.BatchMatMul, tf.Maximum, tf.Minimum, tf.SquaredDifference].map(broadcasting),
  rule(tf.AvgPool, ['x'], (dy, [x], attrs) => ({
    x: () =>
      kernel(
        tf.AvgPoolGrad,
        { dy: weighted(dy, borderWeights(x as Tensor, attrs as PoolAttrs)), input: x as Tensor },
        attrs,
      ),
  })),
  {
    ...rule(tf.MaxPool, ['x'], (dy, [input, output], attrs) => ({
      x: () => kernel(tf.MaxPoolGrad, { dy, input: input as Tensor, output: output as Tensor }, attrs),
    })),
    outputsToSave: [true],
  },
  rule(tf.MirrorPad, ['x'], (dy, [x], attrs) => ({
    x: () => tf.grad((image) => mirrored(image, attrs as MirrorAttrs))(x as Tensor, dy),
  })),
  rule(tf.Cumsum, [], (dy, _, { axis, exclusive, reverse }) => ({
    x: () => tf.cumsum(dy, axis as number, exclusive as boolean, !reverse),
  })),
];

const gradientsOf = (names: readonly string[]) => new Map(names.map((name) => [name, tf.getGradient(name)]));

/** Gradients of everyday operations. When all of them are others than before, tfjs has registered its whole set
 * again. */
const EVERYDAY = [tf.Add, tf.Multiply, tf.Sum, tf.Reshape, tf.Cast, tf.Identity];
const stockNow = () => gradientsOf([...CORRECTED.map(({ kernelName }) => kernelName), ...EVERYDAY]);

let stock = stockNow();
let registered = false;

/**
 * Registers the gradients that tfjs lacks or has wrong; one that another module has brought stays.
 *
 * In Node, `@tensorflow/tfjs` registers its own copy of tfjs's gradients over those that are there: when it is imported
 * after this package, the wrong ones are back, and are corrected again.
 */
export function registerRules(): void {
  const again = EVERYDAY.every((name) => tf.getGradient(name) !== stock.get(name));
  if (registered && !again) return;
  if (again) stock = stockNow();
  registered = true;
  for (const config of [...MISSING, ...CORRECTED]) {
    const { kernelName } = config;
    const present = tf.getGradient(kernelName);
    if (present !== stock.get(kernelName)) continue;
    // tfjs warns about a rule that replaces another, unless that one is gone.
    if (present !== undefined) tf.unregisterGradient(kernelName);
    tf.registerGradient(config);
  }
}
