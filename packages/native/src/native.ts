import { findBackendFactory, getKernelsForBackend } from '@tensorflow/tfjs-core';
import { SettingError } from './build/setting-error.ts';
import { install, kernelsInC } from './install.ts';
import { type Loaded, load, type NativeInfo } from './load.ts';

let loading: Promise<Loaded> | undefined;

function loaded(): Promise<Loaded> {
  // A failure is not kept: what was wrong may be put right, and asked for again.
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/**
 * Registers the backend `native` and its kernels with tfjs: then `tf.setBackend('native')` selects it.
 *
 * The kernels come with npm for this platform, or are compiled once by the system's C compiler (`$CC`, `cc`, `gcc`,
 * `clang`). `STEPPE_ISA` forces an instruction set, `STEPPE_THREADS` the number of threads (default: one for each
 * physical core), `STEPPE_POOL_MB` how much memory may wait to be used again (default: a quarter of the machine's).
 *
 * Compiling is told on standard error, as is a cached file that is damaged and made again. A file that another user
 * could have written is never loaded.
 *
 * @throws When there are neither binaries for this platform nor a compiler, saying what to install; when there is no
 * folder to keep what is compiled; and, with the name `SettingError`, when one of these variables or `CC` is wrong.
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
  const { library, info } = await loaded();
  if (!findBackendFactory('native')) install('native', library, info.inFloat32);
}

/**
 * Tells what the native backend runs on; loads (and if need be compiles) the kernels.
 *
 * @throws When `registerNative` does.
 *
 * @example
 * ```ts
 * import { nativeInfo } from '@steppe/native';
 *
 * const { isa, threads } = await nativeInfo();
 * console.log(typeof isa, threads >= 1); // => string true
 * ```
 */
export async function nativeInfo(): Promise<NativeInfo> {
  return (await loaded()).info;
}

/**
 * Whether the native backend can run here: there are binaries for this platform or a compiler, and they load.
 *
 * @throws When an environment variable is wrong, as `registerNative` does: that is for the user to put right.
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
    (error: unknown) => {
      if (error instanceof SettingError) throw error;
      return false;
    },
  );
}

/**
 * Names the kernels that C lacks: JavaScript runs them, whatever their arguments. `fallbackKernels` counts what really
 * ran there.
 *
 * @throws When `registerNative` does.
 *
 * @example
 * ```ts
 * import { kernelsInJavaScript } from '@steppe/native';
 *
 * const names = await kernelsInJavaScript();
 * console.log(names.includes('Diag'), names.includes('Conv2D')); // => true false
 * ```
 */
export async function kernelsInJavaScript(): Promise<readonly string[]> {
  await registerNative();
  const names = getKernelsForBackend('native').map(({ kernelName }) => kernelName);
  return names.filter((name) => !kernelsInC.has(name)).sort();
}
