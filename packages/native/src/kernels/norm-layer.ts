import {
  LayerNorm,
  type LayerNormAttrs,
  LayerNormGrad,
  type LayerNormGradInput,
  type LayerNormInput,
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
import { positive } from '../arguments/numbers.ts';
import { refuse } from '../arguments/refusal.ts';
import { floats, shaped, sized } from '../arguments/tensors.ts';
import { sizeOf } from '../memory/data.ts';
import { check, type Kernel, kernel, type Runtime } from '../runtime.ts';

/** Layer normalization and its gradient: one pass over memory each. */
export function normLayerKernels({ library, storage }: Runtime): Kernel[] {
  const address = (t: TensorInfo): number => storage.get(t.dataId).address;
  const rowsAndFeatures = (x: TensorInfo, perFeature: Readonly<Record<string, TensorInfo>>): [number, number] => {
    const features = x.shape.at(-1) ?? refuse('x', 'of one dimension at least', `[${x.shape}]`);
    floats('x', x);
    for (const name in perFeature) {
      const t = perFeature[name] as TensorInfo;
      floats(name, t);
      sized(name, t, features);
    }
    return [features === 0 ? 0 : sizeOf(x.shape) / features, features];
  };
  return [
    kernel<LayerNormInput, LayerNormAttrs>(LayerNorm, ({ x, scale, offset }, { epsilon }) => {
      const [rows, features] = rowsAndFeatures(x, { scale, offset });
      const inputs = [x, scale, offset].map(address);
      const y = storage.output(x.shape, 'float32');
      check(library.steppe_norm_layer(...inputs, address(y), rows, features, positive('epsilon', epsilon)));
      return y;
    }),
    kernel<LayerNormGradInput, LayerNormAttrs>(LayerNormGrad, ({ dy, x, scale }, { epsilon }) => {
      const [rows, features] = rowsAndFeatures(x, { scale });
      floats('dy', dy);
      shaped('dy', dy, x.shape);
      const inputs = [x, dy, scale].map(address);
      const outputs = [x.shape, [features], [features]].map((shape) => storage.output(shape, 'float32'));
      check(
        library.steppe_norm_layer_grad(
          ...[...inputs, ...outputs.map(address)],
          rows,
          features,
          positive('epsilon', epsilon),
        ),
      );
      return outputs;
    }),
  ];
}

/** The same gradient from basic operations: what a derivative of it needs. */
function composedGradient(dy: Tensor, x: Tensor, scale: Tensor, epsilon: number): Tensor[] {
  const centered = tf.sub(x, tf.mean(x, -1, true));
  const deviation = tf.rsqrt(tf.add(tf.mean(tf.square(centered), -1, true), epsilon));
  const normed = tf.mul(centered, deviation);
  const g = tf.mul(dy, scale);
  const along = tf.mul(normed, tf.mean(tf.mul(g, normed), -1, true));
  const rows = x.shape.slice(1).map((_, axis) => axis);
  const dx = tf.mul(tf.sub(tf.sub(g, tf.mean(g, -1, true)), along), deviation);
  return [dx, tf.sum(tf.mul(dy, normed), rows), tf.sum(dy, rows)];
}

/** The gradient of `LayerNorm` for x, scale and offset. */
export const normLayerGradient: GradConfig = {
  kernelName: LayerNorm,
  inputsToSave: ['x', 'scale'],
  gradFunc: (dys, saved, attrs) => {
    const [dy, x, scale] = [dys as Tensor, ...saved] as [Tensor, Tensor, Tensor];
    // Recorded by an outer tape, which must see through the gradient: the fused kernel is opaque to it.
    const all =
      engine().state.gradientDepth > 0
        ? composedGradient(dy, x, scale, positive('epsilon', attrs.epsilon))
        : (engine().runKernel(LayerNormGrad, { dy, x, scale } as NamedTensorMap, attrs as NamedAttrMap) as Tensor[]);
    const at = (index: number) => (): Tensor => all[index] as Tensor;
    return { x: at(0), scale: at(1), offset: at(2) };
  },
};
