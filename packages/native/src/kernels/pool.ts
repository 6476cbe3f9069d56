import type { AvgPoolAttrs, backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import { pair } from '../arguments/numbers.ts';
import { equalShapes, shaped } from '../arguments/tensors.ts';
import { checkWindow, windowOf } from '../arguments/window.ts';
import { sizeOf } from '../memory/data.ts';
import { check, type Kernel, kernel, type Runtime } from '../runtime.ts';
import { filled } from './fill.ts';
import { writeConv } from './shape.ts';

function poolOf(x: TensorInfo, attrs: AvgPoolAttrs): backend_util.Conv2DInfo {
  const [height, width] = pair('filterSize', attrs.filterSize);
  const channels = x.shape[3] ?? 0;
  return windowOf(x.shape, [height, width, channels, channels], attrs);
}

/** Max and average pooling of images, with their gradients. */
export function poolKernels(runtime: Runtime): Kernel[] {
  const { library, storage, words, wordsAddress } = runtime;
  const forward = (name: string, average: number): Kernel =>
    kernel<'x', AvgPoolAttrs>(name, ({ x }, attrs) => {
      checkWindow(attrs);
      const info = poolOf(x, attrs);
      if (x.dtype !== 'float32') return undefined;
      if (info.filterHeight === 1 && info.filterWidth === 1 && equalShapes(info.inShape, info.outShape))
        return storage.alias(x, x.shape);
      if (sizeOf(info.outShape) === 0) return storage.output(info.outShape, 'float32');
      const { address } = storage.get(x.dataId);
      const y = storage.output(info.outShape, 'float32');
      writeConv(words, info);
      check(library.steppe_pool(address, storage.get(y.dataId).address, wordsAddress, average));
      return y;
    });
  const gradient = (name: string, average: number): Kernel =>
    kernel<'dy' | 'input' | 'output', AvgPoolAttrs>(name, ({ dy, input, output }, attrs) => {
      checkWindow(attrs);
      const info = poolOf(input, attrs);
      shaped('dy', dy, info.outShape);
      if ([dy, input, output ?? dy].some(({ dtype }) => dtype !== 'float32')) return undefined;
      if (sizeOf(info.outShape) === 0) return filled(runtime, input.shape, 'float32', 0);
      const x = storage.get(input.dataId).address;
      const { address } = storage.get(dy.dataId);
      const dx = storage.output(input.shape, 'float32');
      writeConv(words, info);
      check(library.steppe_pool_grad(x, address, storage.get(dx.dataId).address, wordsAddress, average));
      return dx;
    });
  return [forward('MaxPool', 0), forward('AvgPool', 1), gradient('MaxPoolGrad', 0), gradient('AvgPoolGrad', 1)];
}
