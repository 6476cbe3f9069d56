import { DenseBincount, type TensorInfo, Transform, type TransformAttrs, util } from '@tensorflow/tfjs-core';
import { type Correction, correction, numbers } from './correction.ts';

type Counts = { readonly size: number; readonly binaryOutput?: boolean };

/** Kernels that took one row or image for all. */
export const batchCorrections: readonly Correction[] = [
  correction<'image' | 'transforms', TransformAttrs>(
    Transform,
    'only the first of several images was transformed',
    (backend, { image, transforms }, attrs, stock) => {
      const [images = 0, ...sides] = image.shape;
      if (images < 2) return undefined;
      const size = util.sizeFromShape(sides);
      const each = Array.from({ length: images }, (_, i) => {
        const at = transforms.shape[0] === 1 ? 0 : 8 * i;
        const parts = {
          image: backend.makeTensorInfo(
            [1, ...sides],
            image.dtype,
            numbers(backend, image).slice(i * size, (i + 1) * size),
          ),
          transforms: backend.makeTensorInfo([1, 8], 'float32', numbers(backend, transforms).slice(at, at + 8)),
        };
        const one = stock(parts, attrs) as TensorInfo;
        const values = numbers(backend, one);
        for (const info of [parts.image, parts.transforms, one]) backend.disposeIntermediateTensorInfo(info);
        return { shape: one.shape, values };
      });
      const shape = [images, ...(each[0]?.shape.slice(1) ?? [])];
      const all = util.getTypedArrayFromDType(image.dtype as 'float32', util.sizeFromShape(shape));
      for (const [i, { values }] of each.entries()) all.set(values, i * values.length);
      return backend.makeTensorInfo(shape, image.dtype, all);
    },
  ),
  correction<'x' | 'weights', Counts>(
    DenseBincount,
    'of one axis, how often a number is there was counted where only whether it is was asked',
    (backend, { x, weights }, attrs, stock) => {
      if (x.shape.length !== 1 || !attrs.binaryOutput) return undefined;
      const counted = stock({ x, weights: { ...weights, shape: [0] } }, attrs) as TensorInfo;
      const values = numbers(backend, counted).map((count) => (count ? 1 : 0));
      backend.disposeIntermediateTensorInfo(counted);
      return backend.makeTensorInfo([attrs.size], weights.dtype, values);
    },
  ),
];
