import {
  AvgPool,
  AvgPoolGrad,
  backend_util,
  MaxPool,
  MaxPoolGrad,
  MaxPoolWithArgmax,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { sides } from './conv-geometry.ts';
import type { WasmBackend } from './heap.ts';
import { type WasmKernel, wrappedKernel } from './kernel.ts';

/** The attributes that pools share. */
export type PoolAttributes = {
  readonly filterSize: [number, number] | number;
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
};

/** Works out the sizes of a pool. */
export const poolGeometry = (
  shape: readonly number[],
  { filterSize, strides, pad, dimRoundingMode }: PoolAttributes,
): backend_util.Conv2DInfo =>
  backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    sides(pad),
    dimRoundingMode,
  );

/** What a pool does with one channel of a window: the output's place, and those of the `count` values in the window. */
type Visit = (output: number, places: Int32Array, count: number) => void;

/** Visits every window of a pool, channel by channel; one without any pixel has a count of 0. */
function eachWindow(shape: readonly number[], attributes: PoolAttributes, visit: Visit): void {
  const info = poolGeometry(shape, attributes);
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, strideHeight, strideWidth, padInfo } = info;
  const places = new Int32Array(info.filterHeight * info.filterWidth);
  let at = 0;
  for (let image = 0; image < batchSize; image++) {
    for (let row = 0; row < outHeight; row++) {
      const top = row * strideHeight - padInfo.top;
      const [firstRow, endRow] = [Math.max(0, top), Math.min(inHeight, top + info.filterHeight)];
      for (let column = 0; column < outWidth; column++) {
        const left = column * strideWidth - padInfo.left;
        const [first, end] = [Math.max(0, left), Math.min(inWidth, left + info.filterWidth)];
        let count = 0;
        for (let r = firstRow; r < endRow; r++)
          for (let c = first; c < end; c++) places[count++] = ((image * inHeight + r) * inWidth + c) * inChannels;
        for (let channel = 0; channel < inChannels; channel++, at++) {
          visit(at, places, count);
          for (let i = 0; i < count; i++) places[i] = (places[i] as number) + 1;
        }
      }
    }
  }
}

const outShapeOf = (shape: readonly number[], attributes: PoolAttributes): readonly number[] =>
  poolGeometry(shape, attributes).outShape.map((size) => Math.max(0, size) + 0);

/** The place of the first maximum of a window; -1 where it has none but NaN. */
function placeOfMost(x: Float32Array, places: Int32Array, count: number): number {
  let [most, where] = [Number.NEGATIVE_INFINITY, -1];
  for (let i = 0; i < count; i++) {
    const value = x[places[i] as number] as number;
    if (value > most) [most, where] = [value, places[i] as number];
  }
  return where;
}

const float = ({ dtype }: TensorInfo): boolean => dtype === 'float32';

/** Makes a kernel that pools the windows of float32 images; other images are passed on. */
const pool = (name: string, pooled: (x: Float32Array, places: Int32Array, count: number) => number): WasmKernel =>
  wrappedKernel<{ x: TensorInfo }, PoolAttributes>(name, (rest) => (backend, { x }, attributes) => {
    if (!float(x)) return rest();
    const out = backend.makeOutput(outShapeOf(x.shape, attributes), 'float32');
    const [from, to] = views(backend, x, out);
    if (to.length > 0)
      eachWindow(x.shape, attributes, (at, places, count) => {
        to[at] = pooled(from, places, count);
      });
    return out;
  });

const views = (backend: WasmBackend, ...tensors: readonly TensorInfo[]): [Float32Array, Float32Array, Float32Array] =>
  tensors.map((t) => backend.typedArrayFromHeap(t)) as [Float32Array, Float32Array, Float32Array];

/** Takes the maximum of every window: `MaxPool`. As on every backend of tfjs, NaN counts for nothing. */
export const maxPool: WasmKernel = pool(MaxPool, (x, places, count) => {
  const where = placeOfMost(x, places, count);
  return where < 0 ? Number.NEGATIVE_INFINITY : (x[where] as number);
});

/** Averages every window over the pixels in the image: `AvgPool`. */
export const avgPool: WasmKernel = pool(AvgPool, (x, places, count) => {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += x[places[i] as number] as number;
  return sum / count;
});

/** Makes a kernel of a pool's gradient: `spread` adds the gradient of a window to its pixels. */
const gradient = (
  name: string,
  spread: (x: Float32Array, dx: Float32Array, dy: number, places: Int32Array, count: number) => void,
): WasmKernel =>
  wrappedKernel<{ dy: TensorInfo; input: TensorInfo }, PoolAttributes>(
    name,
    (rest) =>
      (backend, { dy, input }, attributes) => {
        if (!float(dy) || !float(input)) return rest();
        const out = backend.makeOutput(input.shape, 'float32');
        const [x, from, dx] = views(backend, input, dy, out);
        dx.fill(0);
        if (from.length > 0)
          eachWindow(input.shape, attributes, (at, places, count) => spread(x, dx, from[at] as number, places, count));
        return out;
      },
  );

const addTo = (values: Float32Array, at: number, value: number): void => {
  values[at] = (values[at] as number) + value;
};

/**
 * Sends each pixel of a pooled gradient to the first maximum of its window: `MaxPoolGrad`.
 *
 * The stock kernel takes 0 for the least value a window can have, and sends the gradient of all-negative windows to the
 * image's first pixel.
 */
export const maxPoolGrad: WasmKernel = gradient(MaxPoolGrad, (x, dx, dy, places, count) => {
  const where = placeOfMost(x, places, count);
  if (where >= 0) addTo(dx, where, dy);
});

/**
 * Spreads each pixel of a pooled gradient over its window: `AvgPoolGrad`.
 *
 * As on every backend of tfjs, the share is that of the whole window's area, over an edge of the image too.
 */
export const avgPoolGrad: WasmKernel = gradient(AvgPoolGrad, (_, dx, dy, places, count) => {
  for (let i = 0; i < count; i++) addTo(dx, places[i] as number, dy / places.length);
});

/** Takes the maximum of every window, and where it lies: `MaxPoolWithArgmax`, of a batch of images only. */
export const maxPoolWithArgmax: WasmKernel = {
  name: MaxPoolWithArgmax,
  make: (rest) => (parameters) => {
    const { x } = parameters.inputs;
    if (x?.shape.length !== 4)
      throw new Error(`maxPoolWithArgmax takes images of four axes, got [${x?.shape}]: reshape them first.`);
    return rest(parameters);
  },
};
