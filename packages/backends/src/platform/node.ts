import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import v8 from 'node:v8';
import { firstLine, type Missing } from '../device.ts';
import { whyNoTensorFlow } from '../devices/no-gpu.ts';
import { supportsSimd } from '../simd/kernels.ts';
import { watchDawn } from './dawn.ts';
import { restoreRemovedUtil } from './node-util.ts';
import { nvidia } from './nvidia.ts';
import {
  type CudaVersions,
  type Gpu,
  type GpuDevice,
  isMissing,
  type LoadedModule,
  type Platform,
  requestDevice,
} from './platform.ts';

const require = createRequire(import.meta.url);

const isInstalled = (name: string): boolean =>
  (require.resolve.paths(name) ?? []).some((folder) => existsSync(join(folder, name, 'package.json')));

/** Loads a package that may be absent. CommonJS arrives as the default export, so what it names is looked up there
 * too. */
async function load(name: string, broken: string): Promise<LoadedModule | Missing> {
  try {
    const module: LoadedModule = await import(name);
    return { ...(module.default as object | undefined), ...module };
  } catch (error) {
    return isInstalled(name)
      ? { reason: `${name} is installed, but does not load: ${firstLine(error)}`, command: broken }
      : { reason: `${name} is not installed`, command: `npm install ${name}` };
  }
}

/** Loads a package that does not export its version, with it. */
async function loadVersioned(name: string, broken: string): Promise<LoadedModule | Missing> {
  const module = await load(name, broken);
  return isMissing(module) ? module : { ...module, ...(require(`${name}/package.json`) as { version: string }) };
}

/** TensorFlow takes all memory of a GPU at once, and talks while it loads, unless it is told otherwise. */
function setUpTensorFlow(): void {
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
  restoreRemovedUtil(require('node:util') as Record<string, unknown>);
}

/** What a package's TensorFlow was built for: tools/tensorflow writes it down; the published packages bring 2.9.1. */
function cudaVersions(name: string): CudaVersions | undefined {
  const { tensorflow } = require(`${name}/package.json`) as { readonly tensorflow?: Partial<CudaVersions> };
  const published = name.endsWith('-gpu') ? { cuda: '11.2', cudnn: '8.1' } : {};
  const { cuda, cudnn } = tensorflow ?? published;
  return cuda && cudnn ? { cuda, cudnn } : undefined;
}

/** Emscripten's handlers: one lets only its own exit pass, the other turns every rejection into an exception. */
const emscripten = /instanceof ExitStatus|^function\s*\((\w+)\)\s*\{\s*throw \1;?\s*\}$/;

const presentGpu = (): Gpu | undefined => (globalThis.navigator as { readonly gpu?: Gpu } | undefined)?.gpu;

/** Where Linux shows graphics devices: its own drivers, NVIDIA's, and WSL's. */
const graphicsDevices = ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'];

const devices = new Set<GpuDevice>();

/** Ends the work of a device before the process ends: a driver that computes while it is unloaded crashes. */
function destroyAtExit(device: GpuDevice): void {
  devices.add(device);
  // Listens once, however many devices there are.
  process.off('exit', destroyAll).on('exit', destroyAll);
  void device.lost.then(() => devices.delete(device));
}

function destroyAll(): void {
  for (const device of devices) device.destroy();
}

/** The platform of Node. */
export const platform: Platform = {
  name: 'node',
  loadTensorFlow: async () => {
    setUpTensorFlow();
    const tried: Missing[] = [];
    for (const name of ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']) {
      const module = await load(name, `npm rebuild ${name} --build-addon-from-source`);
      if (!isMissing(module)) return { name, module, needs: cudaVersions(name), nvidia: nvidia() };
      tried.push(module);
    }
    // A package that is there and broken says more than one that is not there.
    return (
      tried.find(({ command }) => command.startsWith('npm rebuild')) ?? whyNoTensorFlow(nvidia(), process.platform)
    );
  },
  loadNative: () => loadVersioned('@steppe/native', 'npm install @steppe/native@latest'),
  hasGraphics: () => {
    const chosen = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES ?? presentGpu();
    return process.platform !== 'linux' || chosen !== undefined || graphicsDevices.some((path) => existsSync(path));
  },
  findGpu: async () => {
    const present = presentGpu();
    if (present) return present;
    const dawn = await load('webgpu', 'npm install webgpu');
    if (isMissing(dawn)) return { ...dawn, command: 'npm install webgpu @tensorflow/tfjs-backend-webgpu' };
    const { create, globals } = dawn as { create(options: string[]): Gpu; globals: object };
    Object.assign(globalThis, globals);
    const gpu = create([]);
    if (!globalThis.navigator)
      Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'Node.js' }, configurable: true });
    Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
    return gpu;
  },
  requestGpuDevice: async (adapter, descriptor) => {
    const made = await watchDawn(presentGpu() ?? adapter, () => requestDevice(adapter, descriptor));
    destroyAtExit(made.device);
    return made;
  },
  loadWebGpuBackend: () =>
    loadVersioned('@tensorflow/tfjs-backend-webgpu', 'npm install @tensorflow/tfjs-backend-webgpu@4.22.0'),
  wasmFolder: () => join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'),
  // Node 20 has relaxed SIMD behind a flag that can still be set; later versions have it on.
  enableRelaxedSimd: () => {
    if (!supportsSimd(true)) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  },
  withoutProcessHandlers: async (loadModule) => {
    const events = ['uncaughtException', 'unhandledRejection'] as const;
    const before = events.map((event) => new Set(process.rawListeners(event)));
    try {
      return await loadModule();
    } finally {
      for (const [i, event] of events.entries())
        for (const listener of process.rawListeners(event))
          if (!before[i]?.has(listener) && emscripten.test(String(listener)))
            process.removeListener(event, listener as (...args: unknown[]) => void);
    }
  },
};
