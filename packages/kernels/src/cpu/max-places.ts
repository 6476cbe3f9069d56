import { backend_util, MaxPoolWithArgmax, type MaxPoolWithArgmaxAttrs } from '@tensorflow/tfjs-core';
import { type Correction, correction, none, numbers } from './correction.ts';
import { clamped, explicit, isEmpty } from './windows.ts';

/** The greatest pixels of windows, and where they are: the first one, where all are -Infinity or NaN. */
export const maxPlaceCorrections: readonly Correction[] = [
  correction<'x', MaxPoolWithArgmaxAttrs>(
    MaxPoolWithArgmax,
    'windows as of MaxPool; one of nothing above -Infinity had the place -1',
    (backend, { x }, given, stock) => {
      const attrs = explicit(given);
      const { filterSize, strides, pad, includeBatchInIndex } = attrs;
      const image = x.shape as [number, number, number, number];
      const g = backend_util.computePool2DInfo(image, filterSize, strides, 1, pad);
      const shape = clamped(g.outShape);
      if (isEmpty(shape)) return [none(backend, shape, x.dtype), none(backend, shape, 'int32')];
      const [pooled, found] = [stock({ x }, attrs)].flat();
      if (!pooled || !found) return undefined;
      const places = Int32Array.from(numbers(backend, found));
      backend.disposeIntermediateTensorInfo(found);
      let at = 0;
      for (let b = 0; b < g.batchSize; b++)
        for (let r = 0; r < g.outHeight; r++)
          for (let c = 0; c < g.outWidth; c++)
            for (let channel = 0; channel < g.inChannels; channel++, at++) {
              if (places[at] !== -1) continue;
              const row = Math.max(0, r * g.strideHeight - g.padInfo.top) + (includeBatchInIndex ? b * g.inHeight : 0);
              const column = Math.max(0, c * g.strideWidth - g.padInfo.left);
              places[at] = (row * g.inWidth + column) * g.inChannels + channel;
            }
      return [pooled, backend.makeTensorInfo(shape, 'int32', places)];
    },
  ),
];
