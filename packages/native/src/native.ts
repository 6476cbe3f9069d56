import { findBackendFactory, getKernelsForBackend } from '@tensorflow/tfjs-core';
import { install, kernelsInC } from './install.ts';
import { type Loaded, load, type NativeInfo } from './load.ts';

let loading: Promise<Loaded> | undefined;

function loaded(): Promise<Loaded> {
  loading ??= load();
  return loading;
}

/**
 * Registers the backend `native` and its kernels with tfjs: then `tf.setBackend('native')` selects it.
 *
 * The kernels come with npm for this platform, or are compiled once by the system's C compiler (`$CC`, `cc`, `gcc`, `clang`).
 * `STEPPE_ISA` forces an instruction set, `STEPPE_THREADS` the number of threads (default: one for each physical core),
 * `STEPPE_POOL_MB` how much memory may wait to be used again (default: a quarter of the machine's).
 *
 * @throws where there are neither binaries for this platform nor a compiler, and says what to install.
 *
 * @example
 * ```ts
 * import { registerNative } from '@steppe/native';
 * import * as tf from '@tensorflow/tfjs-core';
 *
 * await registerNative();
 * await tf.setBackend('native');
 * console.log(tf.sum(tf.square(tf.tensor1d([3, 4]))).arraySync()); // => 25
 * ```
 */
export async function registerNative(): Promise<void> {
  const { library } = await loaded();
  if (!findBackendFactory('native')) install('native', library);
}

/**
 * Tells what the native backend runs on; loads (and if need be compiles) the kernels.
 *
 * @throws as `registerNative` does.
 *
 * @example
 * ```ts
 * import { nativeInfo } from '@steppe/native';
 *
 * const { isa, threads } = await nativeInfo();
 * console.log(['avx512', 'avx2', 'baseline', 'neon'].includes(isa), threads >= 1); // => true true
 * ```
 */
export async function nativeInfo(): Promise<NativeInfo> {
  return (await loaded()).info;
}

/**
 * Whether the native backend can run here: there are binaries for this platform or a compiler, and they load.
 *
 * @example
 * ```ts
 * import { isAvailable } from '@steppe/native';
 *
 * console.log(typeof (await isAvailable())); // => boolean
 * ```
 */
export async function isAvailable(): Promise<boolean> {
  return loaded().then(
    () => true,
    () => false,
  );
}

/**
 * Names the kernels that C lacks: JavaScript runs them, whatever their arguments. `fallbackKernels` counts what really ran there.
 *
 * @throws as `registerNative` does.
 *
 * @example
 * ```ts
 * import { kernelsInJavaScript } from '@steppe/native';
 *
 * const names = await kernelsInJavaScript();
 * console.log(names.includes('TopK'), names.includes('Conv2D')); // => true false
 * ```
 */
export async function kernelsInJavaScript(): Promise<readonly string[]> {
  await registerNative();
  const names = getKernelsForBackend('native').map(({ kernelName }) => kernelName);
  return names.filter((name) => !kernelsInC.has(name)).sort();
}
