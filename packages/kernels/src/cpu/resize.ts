import { ResizeBilinearGrad, ResizeNearestNeighborGrad, type TensorInfo } from '@tensorflow/tfjs-core';
import { type Correction, correction, numbers } from './correction.ts';

type Attributes = { readonly alignCorners: boolean; readonly halfPixelCenters?: boolean };

/** The pixels along one side that a pixel of the resized image is made of, with their weights. */
type Taps = readonly (readonly [place: number, weight: number])[];
type Rule = (at: number, length: number, attrs: Attributes) => Taps;

const nearest: Rule = (at, length, { alignCorners }) => [
  [Math.max(0, Math.min(length - 1, alignCorners ? Math.round(at) : Math.floor(at))), 1],
];

const linear: Rule = (at, length) => {
  const low = Math.max(0, Math.floor(at));
  return [
    [low, 1 - (at - low)],
    [Math.min(length - 1, Math.ceil(at)), at - low],
  ];
};

/** Where a pixel of the resized image lies along a side of the image. */
const placeOf =
  (shift: number) =>
  (i: number, from: number, to: number, { alignCorners, halfPixelCenters }: Attributes): number => {
    const corners = alignCorners && to > 1;
    const scale = corners ? (from - 1) / (to - 1) : from / to;
    return halfPixelCenters ? scale * (i + 0.5) - shift : scale * i;
  };

/** The gradient of a resize: every pixel of it goes back to those it was made of. */
const gradient = (kernel: string, wrong: string, rule: Rule, place: ReturnType<typeof placeOf>): Correction =>
  correction<'dy' | 'images', Attributes>(kernel, wrong, (backend, { dy, images }, attrs) => {
    const [batch = 0, height = 0, width = 0, channels = 0] = images.shape;
    const [, newHeight = 0, newWidth = 0] = dy.shape;
    const taps = (from: number, to: number): readonly Taps[] =>
      Array.from({ length: to }, (_, i) => rule(place(i, from, to, attrs), from, attrs));
    const [rows, columns] = [taps(height, newHeight), taps(width, newWidth)];
    const dys = numbers(backend, dy);
    const sums = new Float64Array(batch * height * width * channels);
    let at = 0;
    for (let image = 0; image < batch; image++)
      for (const down of rows)
        for (const across of columns) {
          for (const [row, high] of down)
            for (const [column, wide] of across) {
              const to = ((image * height + row) * width + column) * channels;
              // A tap without a weight takes nothing, not even NaN.
              if (high * wide !== 0)
                for (let c = 0; c < channels; c++)
                  sums[to + c] = (sums[to + c] as number) + high * wide * (dys[at + c] as number);
            }
          at += channels;
        }
    return backend.makeTensorInfo(images.shape, 'float32', Float32Array.from(sums)) satisfies TensorInfo;
  });

/** Gradients of resized images. */
export const resizeCorrections: readonly Correction[] = [
  gradient(
    ResizeNearestNeighborGrad,
    'wrong for batches above one and for half-pixel centres, without end for corners that align on one pixel',
    nearest,
    placeOf(0),
  ),
  gradient(ResizeBilinearGrad, 'height and width were swapped, and half-pixel centres ignored', linear, placeOf(0.5)),
];
