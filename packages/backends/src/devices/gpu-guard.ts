import type { DataType } from '@tensorflow/tfjs-core';
import { firstLine } from '../device.ts';
import type { GpuDevice, GpuErrorEvent } from '../platform/platform.ts';

/** What reading uses of a WebGPU buffer. */
type GpuBuffer = {
  readonly size: number;
  readonly mapState: 'unmapped' | 'pending' | 'mapped';
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
};

/** What this package uses of tfjs's WebGPU backend. */
export type GpuBackend = {
  readonly device: GpuDevice;
  read(dataId: object): Promise<unknown>;
  readSync(dataId: object): unknown;
  runWebGPUProgram(program: { readonly shaderKey?: string }, ...args: unknown[]): unknown;
  uploadToGPU(dataId: object): void;
  dispose(): void;
  convertAndCacheOnCPU(dataId: object, values: unknown): unknown;
  readonly tensorMap: {
    has(dataId: object): boolean;
    get(dataId: object): { values?: unknown; resource?: GpuBuffer; readonly dtype: DataType; readonly shape: number[] };
  };
  readonly bufferManager: {
    acquireBuffer(size: number, usage: number): GpuBuffer;
    releaseBuffer(buffer: GpuBuffer): void;
  };
  readonly commandEncoder: { copyBufferToBuffer(...args: unknown[]): void } | null;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
};

/** Tells whether a tfjs backend is the WebGPU one. */
export const isGpuBackend = (backend: object): backend is GpuBackend =>
  'device' in backend && 'runWebGPUProgram' in backend && 'read' in backend && 'readSync' in backend;

/** What went wrong on guarded backends. */
const failures = new WeakMap<GpuBackend, { message?: string }>();

/** What went wrong on a guarded backend, in one line; nothing where it works. */
export const gpuFailure = (backend: GpuBackend): string | undefined => failures.get(backend)?.message;

/** How to go on after a failure. */
export const again = "call useBackend('webgpu') again: what was on the device is lost.";

function explain({ error }: GpuErrorEvent, kernel: string): string {
  const what = firstLine(error ?? 'no reason given');
  if (error?.constructor.name === 'GPUOutOfMemoryError')
    return `The GPU is out of memory: ${what}. Use smaller batches or micro-batches, then ${again}`;
  if (/exceeds the max (buffer size|storage buffer)|larger than the max\w* (storage )?(buffer|binding)/.test(what))
    return `A tensor is too large for this GPU: ${what}. Use smaller batches or micro-batches, then ${again}`;
  return `WebGPU rejected ${kernel ? `the kernel ${kernel}` : 'a kernel'}: ${what}. Its results are lost: use another device for this model, such as useBackend('wasm').`;
}

/**
 * Makes a WebGPU backend throw what the device reports.
 *
 * WebGPU reports invalid programs, exhausted memory and a lost device by events; tfjs ignores them and returns stale or
 * zero values. After the first report every kernel and every read throws, since what was computed in between cannot be
 * trusted. In Node the kernel at fault throws itself; a browser's report arrives a little later.
 */
export function guardGpu(backend: GpuBackend): void {
  if (failures.has(backend)) return;
  const failure: { message?: string } = {};
  failures.set(backend, failure);
  let running = '';
  backend.device.addEventListener('uncapturederror', (event) => {
    // It is told by what is thrown.
    event.preventDefault?.();
    failure.message ??= explain(event, running);
  });
  void backend.device.lost.then(({ reason, message }) => {
    failure.message ??=
      reason === 'destroyed'
        ? `The WebGPU device was destroyed. To go on, ${again}`
        : `The WebGPU device was lost: ${firstLine(message || 'no reason given')}. Use smaller batches or micro-batches if its memory or its time ran out, then ${again}`;
  });
  const throwIfFailed = (): void => {
    if (failure.message) throw new Error(failure.message);
  };
  const { dispose, read, readSync, runWebGPUProgram } = backend;
  backend.read = async (dataId) => {
    throwIfFailed();
    // A lost device refuses reads without saying why; its own report comes first.
    const values = await read.call(backend, dataId).catch((error: unknown) => {
      throwIfFailed();
      throw error;
    });
    throwIfFailed();
    return values;
  };
  backend.readSync = (dataId) => {
    throwIfFailed();
    const values = readSync.call(backend, dataId);
    throwIfFailed();
    return values;
  };
  backend.runWebGPUProgram = (program, ...args) => {
    throwIfFailed();
    running = program.shaderKey ?? '';
    try {
      return runWebGPUProgram.call(backend, program, ...args);
    } finally {
      running = '';
      throwIfFailed();
    }
  };
  // tfjs frees its buffers and keeps the device.
  backend.dispose = () => {
    dispose.call(backend);
    backend.device.destroy();
  };
}
