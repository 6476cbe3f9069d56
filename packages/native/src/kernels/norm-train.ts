import {
  BATCH_NORM_MAX_CHANNELS,
  BatchNorm,
  type BatchNormAttrs,
  BatchNormGrad,
  type BatchNormGradInput,
  type BatchNormInput,
} from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {
  engine,
  type GradConfig,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { flag, positive, whole } from '../arguments/numbers.ts';
import { floats, shaped, sized } from '../arguments/tensors.ts';
import { sizeOf } from '../memory/data.ts';
import { check, type Kernel, kernel, type Runtime } from '../runtime.ts';

/** Batch normalization by the batch's own statistics, with ReLU if asked, and its gradient: two passes over memory
 * each. */
export function normTrainKernels({ library, storage }: Runtime): Kernel[] {
  const address = (t: TensorInfo): number => storage.get(t.dataId).address;
  const rowsAndChannels = (x: TensorInfo, perChannel: Readonly<Record<string, TensorInfo>>): [number, number] => {
    const channels = whole('the channels of x', x.shape.at(-1), 0, BATCH_NORM_MAX_CHANNELS);
    floats('x', x);
    for (const name in perChannel) {
      const t = perChannel[name] as TensorInfo;
      floats(name, t);
      sized(name, t, channels);
    }
    return [channels === 0 ? 0 : sizeOf(x.shape) / channels, channels];
  };
  return [
    kernel<BatchNormInput, BatchNormAttrs>(BatchNorm, ({ x, scale, offset }, { epsilon, relu }) => {
      const [rows, channels] = rowsAndChannels(x, { scale, offset });
      const inputs = [address(x), address(scale), address(offset)];
      const y = storage.output(x.shape, 'float32');
      const mean = storage.output([channels], 'float32');
      const variance = storage.output([channels], 'float32');
      const outputs = [address(y), address(mean), address(variance)];
      check(
        library.steppe_norm_train(
          ...inputs,
          ...outputs,
          rows,
          channels,
          positive('epsilon', epsilon),
          flag('relu', relu),
        ),
      );
      return [y, mean, variance];
    }),
    kernel<BatchNormGradInput, BatchNormAttrs>(
      BatchNormGrad,
      ({ dy, x, mean, variance, scale, offset }, { epsilon, relu }) => {
        const [rows, channels] = rowsAndChannels(x, { mean, variance, scale, offset });
        floats('dy', dy);
        shaped('dy', dy, x.shape);
        const inputs = [x, dy, mean, variance, scale, offset].map(address);
        const dx = storage.output(x.shape, 'float32');
        const dscale = storage.output([channels], 'float32');
        const doffset = storage.output([channels], 'float32');
        const outputs = [dx, dscale, doffset].map(address);
        check(
          library.steppe_norm_train_grad(
            ...inputs,
            ...outputs,
            rows,
            channels,
            positive('epsilon', epsilon),
            flag('relu', relu),
          ),
        );
        return [dx, dscale, doffset];
      },
    ),
  ];
}

/** The same gradient from basic operations, with the statistics computed anew from x: what a derivative of it needs. */
function composedGradient(
  dy: Tensor,
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  { epsilon, relu }: BatchNormAttrs,
): Tensor[] {
  const axes = x.shape.slice(1).map((_, axis) => axis);
  const rows = x.size / (x.shape.at(-1) ?? 1);
  const centered = tf.sub(x, tf.mean(x, axes));
  const deviation = tf.rsqrt(tf.add(tf.mean(tf.square(centered), axes), epsilon));
  const normed = tf.mul(centered, deviation);
  const d = relu ? tf.mul(dy, tf.step(tf.add(tf.mul(normed, scale), offset))) : dy;
  const dscale = tf.sum(tf.mul(d, normed), axes);
  const doffset = tf.sum(d, axes);
  const along = tf.add(tf.div(doffset, rows), tf.mul(normed, tf.div(dscale, rows)));
  return [tf.mul(tf.sub(d, along), tf.mul(deviation, scale)), dscale, doffset];
}

/** The gradient of `BatchNorm` for x, scale and offset; the statistics that it gives are constants. */
export const normTrainGradient: GradConfig = {
  kernelName: BatchNorm,
  inputsToSave: ['x', 'scale', 'offset'],
  outputsToSave: [false, true, true],
  gradFunc: (dys, saved, attrs) => {
    const [dy] = dys as Tensor[];
    const [x, scale, offset, mean, variance] = saved;
    if (engine().state.gradientDepth > 0) {
      // Recorded by an outer tape, which must see through the gradient: the fused kernel is opaque to it.
      const composed = composedGradient(dy as Tensor, x as Tensor, scale as Tensor, offset as Tensor, {
        epsilon: positive('epsilon', attrs.epsilon),
        relu: flag('relu', attrs.relu) === 1,
      });
      return {
        x: () => composed[0] as Tensor,
        scale: () => composed[1] as Tensor,
        offset: () => composed[2] as Tensor,
      };
    }
    // At once, not in the functions below: tfjs's tape runs each of those in a scope of its own, which would free the
    // others.
    const inputs = { dy, x, mean, variance, scale, offset } as NamedTensorMap;
    const all = engine().runKernel(BatchNormGrad, inputs, attrs as NamedAttrMap) as Tensor[];
    const at = (index: number) => (): Tensor => all[index] as Tensor;
    return { x: at(0), scale: at(1), offset: at(2) };
  },
};
