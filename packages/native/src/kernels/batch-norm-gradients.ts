import { BatchNorm, BatchNormGrad, BatchNormGradGrad } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs-core';
import { engine, type GradConfig, type NamedAttrMap, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';
import { flag, positive } from '../arguments/numbers.ts';

/** Runs a kernel of three outputs at once, not in the functions of a rule: tfjs's tape runs each of those in a scope of
 * its own, which would free the others. */
const run = (name: string, inputs: NamedTensorMap, attrs: NamedAttrMap): Tensor[] =>
  engine().runKernel(name, inputs, attrs) as Tensor[];

const at = (all: readonly Tensor[], index: number) => (): Tensor => all[index] as Tensor;

/** The gradient of `BatchNorm` for x, scale and offset; the statistics that it gives are constants. */
export const normTrainGradient: GradConfig = {
  kernelName: BatchNorm,
  inputsToSave: ['x', 'scale', 'offset'],
  outputsToSave: [false, true, true],
  gradFunc: (dys, saved, attrs) => {
    const [dy] = dys as Tensor[];
    const [x, scale, offset, mean, variance] = saved;
    const all = run(BatchNormGrad, { dy, x, mean, variance, scale, offset } as NamedTensorMap, attrs as NamedAttrMap);
    return { x: at(all, 0), scale: at(all, 1), offset: at(all, 2) };
  },
};

/** The gradients of that gradient for dy, x and scale from basic operations, with the statistics computed anew from x:
 * what a derivative of them needs. The names are those of steppe_norm_train_second. */
function composed(cotangents: readonly Tensor[], saved: readonly Tensor[], attrs: NamedAttrMap): Tensor[] {
  const [ddx, ddscale, ddoffset] = cotangents as [Tensor, Tensor, Tensor];
  const [dy, x, scale, offset] = saved as [Tensor, Tensor, Tensor, Tensor];
  const axes = x.shape.slice(1).map((_, axis) => axis);
  const rows = x.size / scale.size;
  const centered = tf.sub(x, tf.mean(x, axes));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centered), axes), positive('epsilon', attrs.epsilon)));
  const normed = tf.mul(centered, inverse);
  const passes = flag('relu', attrs.relu) === 1 ? tf.step(tf.add(tf.mul(normed, scale), offset)) : undefined;
  const d = passes ? tf.mul(dy, passes) : dy;
  const mean = (t: Tensor): Tensor => tf.div(tf.sum(t, axes), rows);
  /** t less what of it lies along a constant and along the normalized x. */
  const projected = (t: Tensor): Tensor => tf.sub(tf.sub(t, mean(t)), tf.mul(normed, mean(tf.mul(t, normed))));
  const along = projected(ddx);
  const factor = tf.mul(scale, inverse);
  const dscale = tf.mul(inverse, tf.sum(tf.mul(along, d), axes));
  const everywhere = tf.add(tf.add(tf.mul(factor, along), tf.mul(ddscale, normed)), ddoffset);
  const ofD = tf.sub(ddscale, tf.mul(factor, mean(tf.mul(ddx, normed))));
  const ofA = tf.neg(tf.mul(factor, mean(tf.mul(d, normed))));
  const e = tf.add(tf.mul(d, ofD), tf.mul(ddx, ofA));
  const spread = tf.mul(normed, tf.div(tf.mul(factor, dscale), rows));
  const dx = tf.sub(tf.mul(inverse, projected(e)), spread);
  return [passes ? tf.mul(everywhere, passes) : everywhere, dx, dscale];
}

/** The gradient of `BatchNormGrad`, whose mean and variance are those of x, and carry no gradient of their own. */
export const normTrainSecondGradient: GradConfig = {
  kernelName: BatchNormGrad,
  inputsToSave: ['dy', 'x', 'scale', 'offset', 'mean', 'variance'],
  gradFunc: (cotangents, saved, attrs) => {
    const [ddx, ddscale, ddoffset] = cotangents as Tensor[];
    const [dy, x, scale, offset, mean, variance] = saved;
    const inputs = { dy, x, mean, variance, scale, offset, ddx, ddscale, ddoffset } as NamedTensorMap;
    // Recorded by an outer tape, which must see through the gradient: the fused kernel is opaque to it.
    const all =
      engine().state.gradientDepth > 0
        ? composed(cotangents as Tensor[], saved, attrs as NamedAttrMap)
        : run(BatchNormGradGrad, inputs, attrs as NamedAttrMap);
    const none = (like: Tensor | undefined) => (): Tensor => tf.zerosLike(like as Tensor);
    return {
      ...{ dy: at(all, 0), x: at(all, 1), scale: at(all, 2) },
      ...{ mean: none(mean), variance: none(variance), offset: none(offset) },
    };
  },
};
