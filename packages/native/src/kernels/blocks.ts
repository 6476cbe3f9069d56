import {
  type BatchToSpaceNDAttrs,
  backend_util,
  type SpaceToBatchNDAttrs,
  type StridedSliceAttrs,
  slice_util,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { borders, whole, wholes } from '../arguments/numbers.ts';
import { mostElements, refuse } from '../arguments/refusal.ts';
import { ranked } from '../arguments/tensors.ts';
import { stridesOf } from '../layout.ts';
import { isNumeric, sizeOf } from '../memory/data.ts';
import { type Kernel, kernel, type Runtime } from '../runtime.ts';
import { copied, transposed } from './copy.ts';
import { sliced } from './move.ts';
import { padded } from './pad.ts';

/** The number of blocks of `blockShape` that share a place in x. */
function blocksOf(x: TensorInfo, blockShape: readonly number[]): number {
  const product = sizeOf(wholes('blockShape', blockShape, 1));
  if (x.shape.length <= blockShape.length) refuse('x', `of more than ${blockShape.length} dimensions`, `[${x.shape}]`);
  return whole('the product of blockShape', product, 1);
}

/** Checks places. @throws When these are no whole numbers and not infinite: places far outside mean the end. */
function placesOf(name: string, list: unknown): void {
  const places: readonly unknown[] = Array.isArray(list) ? list : refuse(name, 'a list of whole numbers', list);
  for (const at of places)
    if (!Number.isInteger(at) && Math.abs(Number(at)) !== Number.POSITIVE_INFINITY) refuse(name, 'whole numbers', list);
}

/** Kernels that take elements at regular distances, or trade space for channels or for the batch. */
export function blockKernels(runtime: Runtime): Kernel[] {
  const { storage } = runtime;
  return [
    kernel<'x', StridedSliceAttrs>('StridedSlice', ({ x }, { begin, end, strides, ...masks }) => {
      const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = masks;
      for (const [name, list] of Object.entries({ begin, end })) placesOf(name, list);
      if (strides !== null && strides !== undefined) wholes('strides', strides, -mostElements);
      const info = slice_util.sliceInfo(
        x.shape,
        begin,
        end,
        strides,
        beginMask,
        endMask,
        ellipsisMask,
        newAxisMask,
        shrinkAxisMask,
      );
      const shape = slice_util
        .computeOutShape(info.begin, info.end, info.strides)
        .map((extent) => whole('the number of elements from begin to end', Math.max(0, extent)));
      const dense = stridesOf(x.shape);
      const offset = info.begin.reduce((sum, at, d) => sum + at * (dense[d] ?? 0), 0);
      const steps = info.strides.map((step, d) => step * (dense[d] ?? 0));
      if (!isNumeric(x.dtype)) return undefined;
      return {
        ...copied(runtime, shape, {
          tensor: x,
          offset,
          strides: steps,
        }),
        shape: info.finalShape,
      };
    }),
    kernel<'image'>('FlipLeftRight', ({ image }) => {
      const [, , width = 0, channels = 0] = image.shape;
      ranked('image', image, 4);
      if (!isNumeric(image.dtype) || width === 0) return undefined;
      const strides = stridesOf(image.shape).map((stride, d) => (d === 2 ? -stride : stride));
      return copied(runtime, image.shape, { tensor: image, offset: (width - 1) * channels, strides });
    }),
    kernel<'x', { blockSize: number; dataFormat: string }>('DepthToSpace', ({ x }, { blockSize, dataFormat }) => {
      const [n = 1, h = 1, w = 1, c = 1] = x.shape;
      ranked('x', x, 4);
      const area = whole('blockSize', blockSize, 1) ** 2;
      if (c % area !== 0) refuse('the channels', `a multiple of ${area}`, c);
      if (!isNumeric(x.dtype) || dataFormat !== 'NHWC') return undefined;
      const depth = c / area;
      const y = transposed(runtime, { ...x, shape: [n, h, w, blockSize, blockSize, depth] }, [0, 1, 3, 2, 4, 5]);
      return { ...y, shape: [n, h * blockSize, w * blockSize, depth] };
    }),
    kernel<'x', BatchToSpaceNDAttrs>('BatchToSpaceND', ({ x }, { blockShape, crops }) => {
      const [batch = 0, ...spatial] = x.shape;
      const product = blocksOf(x, blockShape);
      if (batch % product !== 0) refuse('the batch', `a multiple of ${product}`, batch);
      const tooMuch = borders('crops', crops, blockShape.length).some(
        ([before, after], d) => before + after > (spatial[d] ?? 0) * (blockShape[d] ?? 1),
      );
      if (!isNumeric(x.dtype) || tooMuch) return undefined;
      const reshaped = backend_util.getReshaped(x.shape, blockShape, product);
      const perm = backend_util.getPermuted(reshaped.length, blockShape.length);
      const shape = backend_util.getReshapedPermuted(x.shape, blockShape, product);
      const uncropped = { ...transposed(runtime, { ...x, shape: reshaped }, perm), shape };
      const begin = backend_util.getSliceBeginCoords(crops, blockShape.length);
      const size = backend_util.getSliceSize(shape, crops, blockShape.length);
      const [from = [], extent = []] = slice_util.parseSliceParams(uncropped, begin, size);
      const y = sliced(runtime, uncropped, from, extent);
      storage.dispose(uncropped.dataId);
      return y;
    }),
    kernel<'x', SpaceToBatchNDAttrs>('SpaceToBatchND', ({ x }, { blockShape, paddings }) => {
      const product = blocksOf(x, blockShape);
      const given = borders('paddings', paddings, blockShape.length);
      const widths = x.shape.map((extent, d): readonly [number, number] => {
        const [[before, after], block] = [given[d - 1] ?? [0, 0], blockShape[d - 1] ?? 1];
        const padded = extent + before + after;
        if (padded % block !== 0) refuse(`padded dimension ${d}`, `a multiple of ${block}`, padded);
        return [before, after];
      });
      if (!isNumeric(x.dtype)) return undefined;
      const wide = padded(runtime, x, x.dtype, widths, 0);
      const reshaped = backend_util.getReshaped(wide.shape, blockShape, product, false);
      const perm = backend_util.getPermuted(reshaped.length, blockShape.length, false);
      const shape = backend_util.getReshapedPermuted(wide.shape, blockShape, product, false);
      const y = transposed(runtime, { ...wide, shape: reshaped }, perm);
      storage.dispose(wide.dataId);
      return { ...y, shape };
    }),
  ];
}
