import type { Missing } from '../device.ts';

/** The part of WebGPU's entry point that choosing a device needs. */
export type Gpu = {
  requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<GpuAdapter | null>;
};

/** The part of a WebGPU adapter that choosing a device needs. */
export type GpuAdapter = {
  readonly isFallbackAdapter?: boolean;
  readonly info?: {
    readonly vendor?: string;
    readonly architecture?: string;
    readonly device?: string;
    readonly description?: string;
    readonly isFallbackAdapter?: boolean;
  };
  readonly limits?: Readonly<Record<string, number | undefined>>;
  readonly features?: { has(name: string): boolean };
  requestDevice?(descriptor: GpuDeviceDescriptor): Promise<GpuDevice>;
};

/** What a WebGPU device is asked for. */
export type GpuDeviceDescriptor = {
  readonly requiredFeatures: readonly string[];
  readonly requiredLimits: Readonly<Record<string, number>>;
};

/** The part of a WebGPU device that guarding it needs. */
export type GpuDevice = {
  addEventListener(type: 'uncapturederror', listener: (event: GpuErrorEvent) => void): void;
  readonly lost: Promise<{ readonly reason?: string; readonly message: string }>;
  destroy(): void;
};

/** What a WebGPU device reports that nobody waited for. */
export type GpuErrorEvent = {
  readonly error?: { readonly message: string };
  preventDefault?(): void;
};

/** Lets a device's callbacks run, without returning to the event loop, until something holds. */
export type WaitUntil = (holds: () => boolean) => void;

/** The parts of an optional package that choosing a device needs, each checked before it is used. */
export type LoadedModule = Readonly<Record<string, unknown>>;

/** Tells whether an optional package could not be loaded. */
export const isMissing = (loaded: object): loaded is Missing => 'reason' in loaded && 'command' in loaded;

/** TensorFlow's C library as it was found, and what this machine has for it. */
type TensorFlow = {
  /** The package that brought it. */
  readonly name: string;
  readonly module: LoadedModule;
  /** The versions of CUDA and cuDNN that it was built for; none for a build for the CPU. */
  readonly needs: CudaVersions | undefined;
  readonly nvidia: Nvidia;
};

/** The versions of NVIDIA's libraries that a TensorFlow needs. */
export type CudaVersions = {
  readonly cuda: string;
  readonly cudnn: string;
};

/** What a machine has of NVIDIA's. */
export type Nvidia = {
  /** The version of the kernel's driver; empty where there is none. */
  readonly driver: string;
  /** The names of the GPUs, as far as the driver tells them. */
  readonly gpus: readonly string[];
  /** Tells whether the dynamic linker finds a shared library. */
  readonly hasLibrary: (name: string) => boolean;
  /** `CUDA_VISIBLE_DEVICES`, which hides GPUs. */
  readonly visible: string | undefined;
};

/** Asks an adapter for a device. */
export async function requestDevice(adapter: GpuAdapter, descriptor: GpuDeviceDescriptor): Promise<GpuDevice> {
  if (!adapter.requestDevice) throw new Error('this WebGPU adapter gives no device');
  return adapter.requestDevice(descriptor);
}

/** What choosing a device needs from where it runs; bundlers for browsers never see the one for Node. */
export type Platform = {
  readonly name: 'node' | 'browser';
  /** Loads TensorFlow's C library through tfjs-node-gpu, else tfjs-node. */
  readonly loadTensorFlow: () => Promise<TensorFlow | Missing>;
  readonly loadNative: () => Promise<LoadedModule | Missing>;
  /** Whether the machine shows a graphics device: where there is none, a driver would only be loaded to complain. */
  readonly hasGraphics: () => boolean;
  /** Finds WebGPU's entry point and leaves it at `navigator.gpu`, where tfjs looks for it. */
  readonly findGpu: () => Promise<Gpu | Missing>;
  /** Makes a device, and where that is possible a way to wait for it: nowhere but in Node. */
  readonly requestGpuDevice: (
    adapter: GpuAdapter,
    descriptor: GpuDeviceDescriptor,
  ) => Promise<{ readonly device: GpuDevice; readonly waitUntil?: WaitUntil | undefined }>;
  readonly loadWebGpuBackend: () => Promise<LoadedModule | Missing>;
  /** The folder of the `.wasm` files, with a slash at its end. */
  readonly wasmFolder: () => string | undefined;
  /** Lets the engine run relaxed SIMD where it only waits for a flag. */
  readonly enableRelaxedSimd: () => void;
  /** Loads an Emscripten module and takes back the process-wide handlers that it installs. */
  readonly withoutProcessHandlers: <Result>(load: () => Promise<Result>) => Promise<Result>;
};
