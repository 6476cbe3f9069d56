import {
  type DataType,
  type KernelFunc,
  type NamedAttrMap,
  type TensorInfo,
  type TypedArray,
  util,
} from '@tensorflow/tfjs-core';

/** Values as the CPU backend keeps them: strings as their bytes. */
export type Values = TypedArray | Uint8Array[];

/** What a kernel of the CPU backend asks of the backend that it runs on: the CPU backend, or another that offers as
 * much. */
export type CpuBackend = {
  readonly data: { get(dataId: object): { readonly values?: unknown } };
  makeTensorInfo(shape: number[], dtype: DataType, values?: Values): TensorInfo;
  disposeIntermediateTensorInfo(info: TensorInfo): void;
  disposeData(dataId: object): unknown;
};

type Given<Names extends string> = { readonly [name in Names]: TensorInfo };

/** The kernel that is corrected, for other inputs or attributes than it was given. */
type Stock<Names extends string, Attrs> = (inputs: Given<Names>, attrs: Attrs) => TensorInfo | TensorInfo[];

/** Computes the right answer; `undefined` where the stock kernel's is right. */
export type Compute<Names extends string, Attrs> = (
  backend: CpuBackend,
  inputs: Given<Names>,
  attrs: Attrs,
  stock: Stock<Names, Attrs>,
) => TensorInfo | TensorInfo[] | undefined;

/** A kernel that is wrong on the CPU backend, and its correction. */
export type Correction = {
  readonly kernel: string;
  /** What was wrong, in a few words. */
  readonly wrong: string;
  readonly correct: (stock: KernelFunc) => KernelFunc;
};

/** Corrects a kernel by what it computes. */
export const correction = <Names extends string, Attrs = undefined>(
  kernel: string,
  wrong: string,
  compute: Compute<Names, Attrs>,
): Correction => ({
  kernel,
  wrong,
  correct: (stock) => (call) => {
    const again: Stock<Names, Attrs> = (inputs, attrs) => stock({ ...call, inputs, attrs: attrs as NamedAttrMap });
    const answer = compute(call.backend as CpuBackend, call.inputs as Given<Names>, call.attrs as Attrs, again);
    return answer ?? stock(call);
  },
});

/** The values of a tensor of numbers. */
export const numbers = (backend: CpuBackend, { dataId }: TensorInfo): TypedArray =>
  backend.data.get(dataId).values as TypedArray;

/** A tensor without elements. */
export const none = (backend: CpuBackend, shape: number[], dtype: DataType): TensorInfo =>
  backend.makeTensorInfo(shape, dtype, util.getArrayFromDType(dtype, 0) as Values);
