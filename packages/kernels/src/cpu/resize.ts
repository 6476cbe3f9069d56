import { ResizeBilinear, ResizeBilinearGrad, ResizeNearestNeighborGrad, type TensorInfo } from '@tensorflow/tfjs-core';
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

/** As bilinear resizing places pixels. */
const halfway = placeOf(0.5);

/** The taps of every pixel along a side; those without a weight are left out, so that they never meet infinity. */
const taps = (
  from: number,
  to: number,
  rule: Rule,
  place: ReturnType<typeof placeOf>,
  attrs: Attributes,
): readonly Taps[] =>
  Array.from({ length: to }, (_, i) =>
    rule(place(i, from, to, attrs), from, attrs).filter(([, weight]) => weight !== 0),
  );

/** The gradient of a resize: every pixel of it goes back to those it was made of. */
const gradient = (kernel: string, wrong: string, rule: Rule, place: ReturnType<typeof placeOf>): Correction =>
  correction<'dy' | 'images', Attributes>(kernel, wrong, (backend, { dy, images }, attrs) => {
    const [batch = 0, height = 0, width = 0, channels = 0] = images.shape;
    const [, newHeight = 0, newWidth = 0] = dy.shape;
    const [rows, columns] = [taps(height, newHeight, rule, place, attrs), taps(width, newWidth, rule, place, attrs)];
    const dys = numbers(backend, dy);
    const sums = new Float64Array(batch * height * width * channels);
    let at = 0;
    for (let image = 0; image < batch; image++)
      for (const down of rows)
        for (const across of columns) {
          for (const [row, high] of down)
            for (const [column, wide] of across) {
              const to = ((image * height + row) * width + column) * channels;
              for (let c = 0; c < channels; c++)
                sums[to + c] = (sums[to + c] as number) + high * wide * (dys[at + c] as number);
            }
          at += channels;
        }
    return backend.makeTensorInfo(images.shape, 'float32', Float32Array.from(sums)) satisfies TensorInfo;
  });

/** The two pixels along a side that each pixel of the resized image lies between, by how far each is on in memory, and
 * the way from one to the other. */
function between(from: number, to: number, each: number, attrs: Attributes) {
  const [low, high, ways] = [new Int32Array(to), new Int32Array(to), new Float64Array(to)];
  for (let i = 0; i < to; i++) {
    const at = halfway(i, from, to, attrs);
    const floor = Math.max(0, Math.floor(at));
    low[i] = floor * each;
    high[i] = Math.min(from - 1, Math.ceil(at)) * each;
    ways[i] = at - floor;
  }
  return { low, high, ways };
}

const resized: Correction = correction<'images', Attributes & { readonly size: readonly [number, number] }>(
  ResizeBilinear,
  'an infinity beside a pixel without a weight gave NaN',
  (backend, { images }, attrs) => {
    const [batch = 0, height = 0, width = 0, channels = 0] = images.shape;
    const [newHeight, newWidth] = attrs.size;
    const rows = between(height, newHeight, width * channels, attrs);
    const columns = between(width, newWidth, channels, attrs);
    const x = numbers(backend, images);
    const out = new Float32Array(batch * newHeight * newWidth * channels);
    let to = 0;
    for (let image = 0; image < x.length; image += height * width * channels)
      for (let i = 0; i < newHeight; i++) {
        const top = image + (rows.low[i] as number);
        const bottom = image + (rows.high[i] as number);
        const down = rows.ways[i] as number;
        for (let j = 0; j < newWidth; j++) {
          const left = columns.low[j] as number;
          const right = columns.high[j] as number;
          const across = columns.ways[j] as number;
          for (let c = 0; c < channels; c++, to++) {
            let above = x[top + left + c] as number;
            let below = x[bottom + left + c] as number;
            // Where the way is 0 an infinite neighbor is not multiplied by it.
            if (across !== 0) {
              above += ((x[top + right + c] as number) - above) * across;
              below += ((x[bottom + right + c] as number) - below) * across;
            }
            out[to] = down === 0 ? above : above + (below - above) * down;
          }
        }
      }
    return backend.makeTensorInfo([batch, newHeight, newWidth, channels], 'float32', out);
  },
);

/** Resized images, and their gradients. */
export const resizeCorrections: readonly Correction[] = [
  resized,
  gradient(
    ResizeNearestNeighborGrad,
    'wrong for batches above one and for half-pixel centres, without end for corners that align on one pixel',
    nearest,
    placeOf(0),
  ),
  gradient(ResizeBilinearGrad, 'height and width were swapped, and half-pixel centres ignored', linear, halfway),
];
