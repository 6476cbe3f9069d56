import { type AvgPoolAttrs, backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { check, type Kernel, kernel, type Runtime } from '../runtime.ts';
import { writeConv } from './shape.ts';

type Shape4 = [number, number, number, number];

function window(x: TensorInfo, { filterSize, strides, pad, dimRoundingMode }: AvgPoolAttrs): backend_util.Conv2DInfo {
  return backend_util.computePool2DInfo(x.shape as Shape4, filterSize, strides, 1, pad, dimRoundingMode);
}

/** Max and average pooling of images, with their gradients. */
export function poolKernels(runtime: Runtime): Kernel[] {
  const { library, storage, words, wordsAddress } = runtime;
  const forward = (name: string, average: number): Kernel =>
    kernel<'x', AvgPoolAttrs>(name, ({ x }, attrs) => {
      if (x.dtype !== 'float32') return undefined;
      const info = window(x, attrs);
      if (info.filterHeight === 1 && info.filterWidth === 1 && util.arraysEqual(info.inShape, info.outShape))
        return storage.alias(x, x.shape);
      const { address } = storage.get(x.dataId);
      const y = storage.output(info.outShape, 'float32');
      writeConv(words, info);
      check(library.steppe_pool(address, storage.get(y.dataId).address, wordsAddress, average));
      return y;
    });
  const gradient = (name: string, average: number): Kernel =>
    kernel<'dy' | 'input', AvgPoolAttrs>(name, ({ dy, input }, attrs) => {
      if (input.dtype !== 'float32' || dy.dtype !== 'float32') return undefined;
      const x = storage.get(input.dataId).address;
      const { address } = storage.get(dy.dataId);
      const dx = storage.output(input.shape, 'float32');
      writeConv(words, window(input, attrs));
      check(library.steppe_pool_grad(x, address, storage.get(dx.dataId).address, wordsAddress, average));
      return dx;
    });
  return [forward('MaxPool', 0), forward('AvgPool', 1), gradient('MaxPoolGrad', 0), gradient('AvgPoolGrad', 1)];
}
