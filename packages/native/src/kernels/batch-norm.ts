import {
  BATCH_NORM_MAX_CHANNELS,
  BatchNorm,
  type BatchNormAttrs,
  BatchNormEval,
  BatchNormEvalGrad,
  BatchNormEvalGradGrad,
  type BatchNormEvalInput,
  BatchNormGrad,
  BatchNormGradGrad,
  type BatchNormGradGradInput,
  type BatchNormGradInput,
  type BatchNormInput,
} from '@steppe/kernels';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { flag, positive, whole } from '../arguments/numbers.ts';
import { floats, shaped, sized } from '../arguments/tensors.ts';
import type { FunctionName } from '../library.ts';
import { sizeOf } from '../memory/data.ts';
import { check, type Kernel, kernel, type Runtime } from '../runtime.ts';

type Tensors = Readonly<Record<string, TensorInfo>>;

/** Batch normalization, with ReLU if asked, its gradient, and the gradient of that: by the batch's own statistics in two
 * passes over memory each, by given ones in one. */
export function batchNormKernels({ library, storage }: Runtime): Kernel[] {
  const address = (t: TensorInfo): number => storage.get(t.dataId).address;
  /** Calls a function with tensors like x, first of all x itself, and tensors of its channels; its results have these
   * shapes. */
  const call = (
    name: FunctionName,
    likeX: Tensors & { readonly x: TensorInfo },
    perChannel: Tensors,
    shapes: (x: number[], channels: number) => readonly number[][],
    { epsilon, relu }: BatchNormAttrs,
  ): TensorInfo[] => {
    const { shape } = likeX.x;
    const channels = whole('the channels of x', shape.at(-1), 0, BATCH_NORM_MAX_CHANNELS);
    for (const [name, t] of Object.entries(likeX)) {
      floats(name, t);
      shaped(name, t, shape);
    }
    for (const [name, t] of Object.entries(perChannel)) {
      floats(name, t);
      sized(name, t, channels);
    }
    const inputs = [...Object.values(likeX), ...Object.values(perChannel)].map(address);
    const outputs = shapes(shape, channels).map((each) => storage.output(each, 'float32'));
    const rows = channels === 0 ? 0 : sizeOf(shape) / channels;
    const numbers = [rows, channels, positive('epsilon', epsilon), flag('relu', relu)];
    check(library[name](...inputs, ...outputs.map(address), ...numbers));
    return outputs;
  };
  const gradient = (kernelName: string, name: FunctionName): Kernel =>
    kernel<BatchNormGradInput, BatchNormAttrs>(kernelName, ({ x, dy, mean, variance, scale, offset }, attrs) =>
      call(name, { x, dy }, { mean, variance, scale, offset }, (shape, c) => [shape, [c], [c]], attrs),
    );
  const second = (kernelName: string, name: FunctionName): Kernel =>
    kernel<BatchNormGradGradInput, BatchNormAttrs>(
      kernelName,
      ({ x, dy, ddx, ddscale, ddoffset, mean, variance, scale, offset }, attrs) => {
        const perChannel = { ddscale, ddoffset, mean, variance, scale, offset };
        return call(name, { x, dy, ddx }, perChannel, (shape, c) => [shape, shape, [c]], attrs);
      },
    );
  return [
    kernel<BatchNormInput, BatchNormAttrs>(BatchNorm, ({ x, scale, offset }, attrs) =>
      call('steppe_norm_train', { x }, { scale, offset }, (shape, c) => [shape, [c], [c]], attrs),
    ),
    gradient(BatchNormGrad, 'steppe_norm_train_grad'),
    second(BatchNormGradGrad, 'steppe_norm_train_second'),
    kernel<BatchNormEvalInput, BatchNormAttrs>(
      BatchNormEval,
      ({ x, mean, variance, scale, offset }, attrs) =>
        call('steppe_norm_eval', { x }, { mean, variance, scale, offset }, (shape) => [shape], attrs)[0],
    ),
    gradient(BatchNormEvalGrad, 'steppe_norm_eval_grad'),
    second(BatchNormEvalGradGrad, 'steppe_norm_eval_second'),
  ];
}
