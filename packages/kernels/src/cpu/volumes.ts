import {
  AvgPool3D,
  AvgPool3DGrad,
  backend_util,
  Conv3D,
  Conv3DBackpropFilterV2,
  Conv3DBackpropInputV2,
  MaxPool3D,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { type Correction, type CpuBackend, correction, numbers } from './correction.ts';

type Sizes = [number, number, number];
type Shape = [number, number, number, number, number];
type Attributes = {
  readonly strides: Sizes | number;
  readonly pad: 'valid' | 'same' | number;
  readonly dilations?: Sizes | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterSize: Sizes | number;
  readonly filterShape: readonly number[];
  readonly inputShape: readonly number[];
};
type Inputs = { readonly [name in 'x' | 'dy' | 'input' | 'filter']: TensorInfo };
type ShapeOf = (inputs: Inputs, attrs: Attributes) => readonly number[];

/** How far tfjs begins inside of a volume where strides are larger than windows and the padding 'same'. */
function skipped(volume: readonly number[], window: readonly number[], attrs: Attributes): Sizes {
  const { strides, dilations, pad, dimRoundingMode } = attrs;
  const [filter, to] = [[...window.slice(0, 3), volume[4] ?? 0, window[4] ?? 1] as Shape, volume as Shape];
  const format = 'channelsLast';
  const info = backend_util.computeConv3DInfo(to, filter, strides, dilations ?? 1, pad, false, format, dimRoundingMode);
  const { front, top, left } = info.padInfo;
  return [Math.max(0, -front), Math.max(0, -top), Math.max(0, -left)];
}

/** Gives x moved by so many places along depth, height and width, zeros where there was nothing. */
export type Move = (backend: CpuBackend, x: TensorInfo, places: Sizes) => TensorInfo;

/** x moved on the host. */
function moved(backend: CpuBackend, x: TensorInfo, [down, back, right]: Sizes): TensorInfo {
  const [batch, depth, height, width, channels] = x.shape as Shape;
  const from = numbers(backend, x);
  const to = new Float32Array(from.length);
  const inside = (at: number, length: number): boolean => at >= 0 && at < length;
  for (let image = 0; image < batch; image++)
    for (let z = 0; z < depth; z++)
      for (let r = 0; r < height; r++)
        for (let c = 0; c < width; c++) {
          if (!inside(z + down, depth) || !inside(r + back, height) || !inside(c + right, width)) continue;
          const place = (d: number, h: number, w: number): number =>
            (((image * depth + d) * height + h) * width + w) * channels;
          const start = place(z, r, c);
          to.set(from.subarray(start, start + channels), place(z + down, r + back, c + right));
        }
  return backend.makeTensorInfo(x.shape, x.dtype, to);
}

const volumes = (
  kernel: string,
  volumeOf: ShapeOf,
  windowOf: ShapeOf,
  moves: { readonly input?: keyof Inputs; readonly result?: true },
  move: Move,
): Correction =>
  correction<keyof Inputs, Attributes>(
    kernel,
    "'same' with a stride larger than the window began inside of the volume",
    (backend, inputs, attrs, stock) => {
      const skip = skipped(volumeOf(inputs, attrs), windowOf(inputs, attrs), attrs);
      if (skip.every((places) => places === 0)) return undefined;
      const shifted = moves.input ? move(backend, inputs[moves.input], skip) : undefined;
      const result = stock(shifted && moves.input ? { ...inputs, [moves.input]: shifted } : inputs, attrs);
      if (shifted) backend.disposeData(shifted.dataId);
      if (!moves.result || Array.isArray(result)) return result;
      const right = move(backend, result, skip.map((places) => -places) as Sizes);
      backend.disposeData(result.dataId);
      return right;
    },
  );

const ofX: ShapeOf = ({ x }) => x.shape;
const ofInput: ShapeOf = ({ input }) => input.shape;
const ofFilter: ShapeOf = ({ filter }) => filter.shape;
const pooled: ShapeOf = (_, { filterSize }) =>
  typeof filterSize === 'number' ? [filterSize, filterSize, filterSize] : filterSize;

/**
 * Convolutions and pools of volumes, in tfjs's order of arguments, for the backend that moves volumes so.
 *
 * @param move - Moves a volume on the backend.
 */
export const volumeCorrectionsBy = (move: Move): readonly Correction[] => [
  volumes(Conv3D, ofX, ofFilter, { input: 'x' }, move),
  volumes(Conv3DBackpropFilterV2, ofX, (_, { filterShape }) => filterShape, { input: 'x' }, move),
  volumes(Conv3DBackpropInputV2, (_, { inputShape }) => inputShape, ofFilter, { result: true }, move),
  volumes(MaxPool3D, ofX, pooled, { input: 'x' }, move),
  volumes(AvgPool3D, ofX, pooled, { input: 'x' }, move),
  volumes(AvgPool3DGrad, ofInput, pooled, { result: true }, move),
];

/** These kernels on the host. */
export const volumeCorrections: readonly Correction[] = volumeCorrectionsBy(moved);
