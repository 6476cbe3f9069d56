import { backend_util, MaxPool3DGrad, type MaxPool3DGradAttrs } from '@tensorflow/tfjs-core';
import { type Correction, correction, numbers } from './correction.ts';

/** Visits the pixels of one window along a side of `length`. */
function eachPixel(start: number, taps: number, length: number, visit: (at: number) => void): void {
  for (let at = Math.max(0, start); at < Math.min(length, start + taps); at++) visit(at);
}

/** The gradient of pooled volumes: it goes to the last of equal maxima, as in tfjs. */
export const maxPool3dCorrections: readonly Correction[] = [
  correction<'dy' | 'input', MaxPool3DGradAttrs>(
    MaxPool3DGrad,
    'wrong for windows of which height and width differ',
    (backend, { dy, input }, { filterSize, strides, pad, dimRoundingMode }) => {
      const shape = input.shape as [number, number, number, number, number];
      const g = backend_util.computePool3DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
      const [x, dys] = [numbers(backend, input), numbers(backend, dy)];
      const dx = new Float32Array(x.length);
      let at = 0;
      for (let image = 0; image < g.batchSize; image++)
        for (let z = 0; z < g.outDepth; z++)
          for (let r = 0; r < g.outHeight; r++)
            for (let c = 0; c < g.outWidth; c++)
              for (let channel = 0; channel < g.inChannels; channel++, at++) {
                let [most, where] = [Number.NEGATIVE_INFINITY, -1];
                eachPixel(z * g.strideDepth - Math.max(0, g.padInfo.front), g.filterDepth, g.inDepth, (deep) =>
                  eachPixel(r * g.strideHeight - Math.max(0, g.padInfo.top), g.filterHeight, g.inHeight, (down) =>
                    eachPixel(c * g.strideWidth - Math.max(0, g.padInfo.left), g.filterWidth, g.inWidth, (across) => {
                      const row = (image * g.inDepth + deep) * g.inHeight + down;
                      const place = (row * g.inWidth + across) * g.inChannels + channel;
                      if ((x[place] as number) >= most) [most, where] = [x[place] as number, place];
                    }),
                  ),
                );
                if (where >= 0) dx[where] = (dx[where] as number) + (dys[at] as number);
              }
      return backend.makeTensorInfo(input.shape, 'float32', dx);
    },
  ),
];
