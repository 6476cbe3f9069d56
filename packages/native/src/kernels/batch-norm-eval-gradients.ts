import { BatchNormEval, BatchNormEvalGrad, BatchNormEvalGradGrad } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs-core';
import { engine, type GradConfig, type NamedAttrMap, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';
import { flag, positive } from '../arguments/numbers.ts';

const run = (name: string, inputs: NamedTensorMap, attrs: NamedAttrMap): Tensor[] =>
  engine().runKernel(name, inputs, attrs) as Tensor[];

const at = (all: readonly Tensor[], index: number) => (): Tensor => all[index] as Tensor;

/** 1 / √(variance + ε). */
const inverseOf = (variance: Tensor, { epsilon }: NamedAttrMap): Tensor =>
  tf.rsqrt(tf.add(variance, positive('epsilon', epsilon)));

type Statistics = { readonly mean: Tensor; readonly variance: Tensor; readonly scale: Tensor };

/** The gradient of `BatchNormEval` for each of its inputs. */
export const normEvalGradient: GradConfig = {
  kernelName: BatchNormEval,
  inputsToSave: ['x', 'mean', 'variance', 'scale', 'offset'],
  gradFunc: (dy, saved, attrs) => {
    const [x, mean, variance, scale, offset] = saved;
    const inputs = { dy, x, mean, variance, scale, offset } as NamedTensorMap;
    const all = run(BatchNormEvalGrad, inputs, attrs as NamedAttrMap);
    const [, dscale, doffset] = all as [Tensor, Tensor, Tensor];
    const given = { mean, variance, scale } as Statistics;
    const slope = (): Tensor => tf.mul(inverseOf(given.variance, attrs as NamedAttrMap), given.scale);
    return {
      ...{ x: at(all, 0), scale: at(all, 1), offset: at(all, 2) },
      mean: () => tf.neg(tf.mul(doffset, slope())),
      variance: () => tf.mul(tf.mul(dscale, slope()), tf.mul(inverseOf(given.variance, attrs as NamedAttrMap), -0.5)),
    };
  },
};

/** The gradients of that gradient for dy, x and scale from basic operations, which a derivative of them needs. */
function composed(cotangents: readonly Tensor[], saved: readonly Tensor[], attrs: NamedAttrMap): Tensor[] {
  const [ddx, ddscale, ddoffset] = cotangents as [Tensor, Tensor, Tensor];
  const [dy, x, scale, offset, mean, variance] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
  const inverse = inverseOf(variance, attrs);
  const normed = tf.mul(tf.sub(x, mean), inverse);
  const passes = flag('relu', attrs.relu) === 1 ? tf.step(tf.add(tf.mul(normed, scale), offset)) : undefined;
  const masked = (t: Tensor): Tensor => (passes ? tf.mul(t, passes) : t);
  const d = masked(dy);
  const ddy = tf.add(tf.add(tf.mul(ddx, tf.mul(scale, inverse)), tf.mul(normed, ddscale)), ddoffset);
  const axes = x.shape.slice(1).map((_, axis) => axis);
  const dscale = tf.mul(inverse, tf.sum(tf.mul(ddx, d), axes));
  return [masked(ddy), tf.mul(d, tf.mul(inverse, ddscale)), dscale];
}

/** The gradient of `BatchNormEvalGrad` for each of its inputs. */
export const normEvalSecondGradient: GradConfig = {
  kernelName: BatchNormEvalGrad,
  inputsToSave: ['dy', 'x', 'scale', 'offset', 'mean', 'variance'],
  gradFunc: (cotangents, saved, given) => {
    const [ddx, ddscale, ddoffset] = cotangents as [Tensor, Tensor, Tensor];
    const [dy, x, scale, offset, mean, variance] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
    const attrs = given as NamedAttrMap;
    const inputs = { dy, x, mean, variance, scale, offset };
    // Recorded by an outer tape, which must see through the gradient: the fused kernel is opaque to it.
    const all =
      engine().state.gradientDepth > 0
        ? composed([ddx, ddscale, ddoffset], saved, attrs)
        : run(BatchNormEvalGradGrad, { ...inputs, ddx, ddscale, ddoffset }, attrs);
    // Statistics are seldom differentiated by: what they need is computed when they are.
    const first = (): readonly Tensor[] => run(BatchNormEvalGrad, inputs, attrs);
    return {
      ...{ dy: at(all, 0), x: at(all, 1), scale: at(all, 2) },
      offset: () => tf.zerosLike(offset),
      mean: () => tf.neg(tf.mul(tf.mul(ddscale, inverseOf(variance, attrs)), first()[2] as Tensor)),
      variance: () => {
        const bySlope = tf.add(tf.mul(scale, all[2] as Tensor), tf.mul(ddscale, first()[1] as Tensor));
        return tf.mul(tf.mul(bySlope, tf.square(inverseOf(variance, attrs))), -0.5);
      },
    };
  },
};
