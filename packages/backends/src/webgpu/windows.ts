import { type Correction, type Move, volumeCorrectionsBy, windowCorrections } from '@steppe/kernels/windows';
import {
  backend_util,
  MaxPoolWithArgmax,
  type MaxPoolWithArgmaxAttrs,
  PadV2,
  Slice,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { fusedKernels } from './fused.ts';
import { call, onDevice, type WebGpuKernel } from './kernel.ts';
import { runProgram } from './program.ts';

/** x moved on the device: what is pushed out is cut off, and zeros come after it. */
const moved: Move = (backend, x, places) => {
  const far = (axis: number): number => places[axis - 1] ?? 0;
  const inner = x.shape.map((size, axis) => Math.max(0, size - Math.abs(far(axis))));
  const begin = x.shape.map((_, axis) => Math.max(0, -far(axis)));
  const cut = call(backend, Slice, { x }, { begin, size: inner });
  const paddings = x.shape.map((size, axis) => {
    const before = Math.min(size, Math.max(0, far(axis)));
    return [before, size - (inner[axis] as number) - before];
  });
  const out = call(backend, PadV2, { x: cut }, { paddings, constantValue: 0 });
  onDevice(backend).disposeData(cut.dataId);
  return out;
};

const asKernel = ({ kernel, correct }: Correction): WebGpuKernel => {
  const inner = fusedKernels.find(({ name }) => name === kernel);
  return { name: kernel, make: (stock) => correct(inner ? inner.make(stock) : stock) };
};

/** The greatest pixels of windows and where they are, the first of equals; NaN is passed over. */
const maxPoolWithArgmax: WebGpuKernel = {
  name: MaxPoolWithArgmax,
  make:
    () =>
    ({ inputs, attrs, backend }) => {
      const x = inputs.x as TensorInfo;
      const { filterSize, strides, pad, includeBatchInIndex } = attrs as object as MaxPoolWithArgmaxAttrs;
      const image = x.shape as [number, number, number, number];
      const g = backend_util.computePool2DInfo(image, filterSize, strides, 1, pad);
      const shape = g.outShape.map((size) => Math.max(0, size));
      const numbers = {
        height: g.inHeight,
        width: g.inWidth,
        channels: g.inChannels,
        outHeight: g.outHeight,
        outWidth: g.outWidth,
        windowHeight: g.filterHeight,
        windowWidth: g.filterWidth,
        strideHeight: g.strideHeight,
        strideWidth: g.strideWidth,
        top: g.padInfo.top,
        left: g.padInfo.left,
        images: includeBatchInIndex ? 1 : 0,
      };
      const pooled = (dtype: 'float32' | 'int32', value: string): TensorInfo =>
        runProgram(onDevice(backend), {
          key: `${MaxPoolWithArgmax}_${dtype}`,
          inputs: [x],
          shape,
          dtype,
          uniforms: Object.entries(numbers).map(([name, number]) => [name, 'i32', number] as const),
          code: `let c = index % uniforms.channels; let column = index / uniforms.channels % uniforms.outWidth;
            let row = index / uniforms.channels / uniforms.outWidth % uniforms.outHeight;
            let n = index / uniforms.channels / uniforms.outWidth / uniforms.outHeight;
            let y = row * uniforms.strideHeight - uniforms.top; let x = column * uniforms.strideWidth - uniforms.left;
            var place = -1; var most = 0.0;
            for (var i = max(0, y); i < min(uniforms.height, y + uniforms.windowHeight); i++) {
              for (var j = max(0, x); j < min(uniforms.width, x + uniforms.windowWidth); j++) {
                let p = ((n * uniforms.height + i) * uniforms.width + j) * uniforms.channels + c;
                if (place < 0 || f32(A[p]) > most || isnan(most)) { place = p; most = f32(A[p]); }
              }
            }
            let first = n * uniforms.height * uniforms.width * uniforms.channels * (1 - uniforms.images);
            ${value}`,
        });
      return [
        pooled('float32', 'value = most; if (first < 0) { value = 0.0; }'),
        pooled('int32', 'value = place - first;'),
      ];
    },
};

/** Convolutions and pools: windows that reach beyond the image, paddings by numbers, strides beyond windows. */
export const windowKernels: readonly WebGpuKernel[] = [
  ...[...windowCorrections, ...volumeCorrectionsBy(moved)].map(asKernel),
  maxPoolWithArgmax,
];
