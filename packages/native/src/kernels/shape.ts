import { type backend_util, type ExpandDimsAttrs, type ReshapeAttrs, util } from '@tensorflow/tfjs-core';
import { axisOf } from '../arguments/axes.ts';
import { wholes } from '../arguments/numbers.ts';
import type { Address } from '../library.ts';
import { sizeOf } from '../memory/data.ts';
import { type Kernel, kernel, type Runtime } from '../runtime.ts';

/** Kernels that give the same values another shape: they share memory. */
export function shapeKernels({ storage }: Runtime): Kernel[] {
  return [
    kernel<'x'>('Identity', ({ x }) => storage.alias(x, x.shape)),
    kernel<'x', ReshapeAttrs>('Reshape', ({ x }, { shape }) => {
      const size = sizeOf(x.shape);
      const full = util.inferFromImplicitShape(shape, size);
      wholes('shape', full);
      if (x.dtype === 'complex64') return undefined;
      util.assert(
        size === sizeOf(full),
        () =>
          `The new shape [${full}] has ${sizeOf(full)} elements and the old shape [${x.shape}] has ${size} elements.`,
      );
      return storage.alias(x, full);
    }),
    kernel<'input', ExpandDimsAttrs>('ExpandDims', ({ input }, { dim }) => {
      const rank = input.shape.length;
      const at = axisOf(dim, rank + 1, 'dim');
      if (input.dtype === 'complex64') return undefined;
      return storage.alias(input, [...input.shape.slice(0, at), 1, ...input.shape.slice(at)]);
    }),
  ];
}

/** How many numbers `writeConv` writes. */
export const convWords = 16;

/** The window of a pool or a convolution as `steppe_conv` of steppe.h. */
export function writeConv(words: Int32Array, info: backend_util.Conv2DInfo, precision = 0): void {
  const { batchSize, inHeight, inWidth, inChannels, filterHeight, filterWidth, outChannels, outHeight, outWidth } =
    info;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = info;
  words[0] = batchSize;
  words[1] = inHeight;
  words[2] = inWidth;
  words[3] = inChannels;
  words[4] = filterHeight;
  words[5] = filterWidth;
  words[6] = outChannels;
  words[7] = outHeight;
  words[8] = outWidth;
  words[9] = strideHeight;
  words[10] = strideWidth;
  words[11] = dilationHeight;
  words[12] = dilationWidth;
  words[13] = padInfo.top;
  words[14] = padInfo.left;
  words[15] = precision;
}

/** Where `steppe_conv_fusion` is written, behind the convolution: in 32-bit words. */
const fusionAt = 32;

/** What a convolution does to its result in the same pass as `steppe_conv_fusion` of steppe.h; its address. */
export function writeFusion(
  { words, wordsAddress }: Runtime,
  { bias, relu }: { readonly bias: Address; readonly relu: boolean },
): Address {
  words.fill(0, fusionAt, fusionAt + 10);
  // The third of four pointers; two flags follow.
  words[fusionAt + 4] = bias | 0;
  words[fusionAt + 5] = Math.floor(bias / 2 ** 32);
  words[fusionAt + 9] = relu ? 1 : 0;
  return wordsAddress + 4 * fusionAt;
}
