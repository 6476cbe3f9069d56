import { type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { compileKernels, type SimdKernels } from '../simd/kernels.ts';

/** A tensor's elements, where they lie in the heap. */
export type Numbers = Float32Array | Int32Array | Uint8Array;

/** What the kernels here use of tfjs's WASM backend; the published types leave out the Emscripten module. */
export type WasmBackend = {
  readonly wasm: {
    readonly HEAPU8: Uint8Array;
    readonly HEAP32: Int32Array;
    readonly HEAPF32: Float32Array;
    readonly asm?: { readonly memory?: WebAssembly.Memory };
    _malloc(bytes: number): number;
    _free(pointer: number): void;
  };
  getMemoryOffset(dataId: object): number;
  /** Tensors on another device are copied over when their entry is asked for. */
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number } };
  makeOutput(shape: readonly number[], dtype: DataType, address?: undefined, values?: Uint8Array[]): TensorInfo;
  readSync(dataId: object): Uint8Array[];
  typedArrayFromHeap(info: TensorInfo): Numbers;
  incRef(dataId: object): void;
  disposeData(dataId: object): boolean;
};

/** Tells whether a tfjs backend is the WASM one. */
export const isWasmBackend = (backend: object): backend is WasmBackend => 'wasm' in backend && 'dataIdMap' in backend;

const kernelsOf = new WeakMap<object, SimdKernels>();

/** Makes the backend ready for the kernels here: compiles them for its memory and lets a full heap say so.
 * Idempotent. */
export async function prepareHeap(backend: WasmBackend): Promise<SimdKernels> {
  const known = kernelsOf.get(backend);
  if (known) return known;
  const { wasm } = backend;
  const memory = wasm.asm?.memory;
  if (!memory)
    throw new Error('This build of @tensorflow/tfjs-backend-wasm hides its memory: install version 4.22, unthreaded.');
  // Emscripten replaces its entry points at their first call.
  wasm._free(wasm._malloc(16));
  const allocate = wasm._malloc;
  wasm._malloc = (bytes) => {
    const pointer = allocate(bytes);
    if (pointer === 0 && bytes > 0)
      throw new Error(
        `The WASM heap is full: ${bytes} more bytes do not fit its 4 GiB. Use smaller batches, or microBatch(m) of @steppe/transforms.`,
      );
    return pointer;
  };
  const kernels = await compileKernels(memory);
  kernelsOf.set(backend, kernels);
  return kernels;
}

/** The compiled kernels of a backend that `prepareHeap` has seen. */
export function simd(backend: WasmBackend): SimdKernels {
  const kernels = kernelsOf.get(backend);
  if (!kernels)
    throw new Error("Steppe's kernels are not compiled for this WASM backend: call useBackend('wasm') first.");
  return kernels;
}

/** The address of a tensor's first element in the heap. */
export const addressOf = (backend: WasmBackend, { dataId }: TensorInfo): number =>
  backend.dataIdMap.get(dataId).memoryOffset >>> 0;

/** The same elements in another shape: no copy, one more reference. */
export function alias(backend: WasmBackend, x: TensorInfo, shape: readonly number[] = x.shape): TensorInfo {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: [...shape], dtype: x.dtype };
}

/** Lends stretches of the heap, in bytes, to a function and takes them back. */
export function withScratch<Result>(
  { wasm }: WasmBackend,
  sizes: readonly number[],
  use: (...addresses: number[]) => Result,
): Result {
  const addresses: number[] = [];
  try {
    for (const size of sizes) addresses.push(wasm._malloc(size) >>> 0);
    return use(...addresses);
  } finally {
    for (const address of addresses) wasm._free(address);
  }
}

/** Tells whether all float32 numbers of a tensor are finite, by their sum: a sum that overflows counts as not. */
export const allFinite = (backend: WasmBackend, x: TensorInfo): boolean =>
  withScratch(backend, [4], (sum) => {
    simd(backend).sumLast(addressOf(backend, x), sum, 1, 4 * util.sizeFromShape(x.shape));
    return Number.isFinite(backend.wasm.HEAPF32[sum >>> 2]);
  });
