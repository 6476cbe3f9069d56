import { type Precision, precisions } from '@steppe/kernels';
import { type Built, binaries } from './build/binary.ts';
import { threadCount } from './build/cores.ts';
import { chooseIsa, type Isa, isaInUse, matrixUnit } from './build/isa.ts';
import { SettingError } from './build/setting-error.ts';
import { type Library, loadKoffi, loadLibrary, probe } from './library.ts';
import { poolBytes } from './memory/limit.ts';

/** What the native backend runs on. */
export type NativeInfo = {
  /** The shared object. */
  readonly path: string;
  readonly isa: Isa;
  readonly threads: number;
  /** Where the shared object came from. */
  readonly built: Built;
  /** The precisions that are float32 here, since it is faster than bfloat16 on this processor. */
  readonly inFloat32: readonly Precision[];
};

/** The C functions, and where they came from. */
export type Loaded = {
  readonly library: Library;
  readonly info: NativeInfo;
};

/**
 * Finds or compiles the kernels for this processor, or for the instruction set that is asked for, and loads them.
 *
 * @throws When an environment variable is wrong, a `SettingError` before any work; else when `registerNative` does.
 */
export async function load(isa: string | undefined = process.env.STEPPE_ISA): Promise<Loaded> {
  const asked = threadCount();
  poolBytes();
  const koffi = loadKoffi();
  const made = await binaries();
  const chosen = chooseIsa(probe(koffi, (await made.probe()).path), process.arch, isa);
  const { path, built } = await made.kernels(chosen);
  const library = loadLibrary(koffi, path);
  const inUse = isaInUse(chosen, library.steppe_set_matrix_unit(matrixUnit(chosen)), isa);
  library.steppe_set_threads(asked);
  const threads = library.steppe_threads();
  if (threads !== asked && process.env.STEPPE_THREADS)
    throw new SettingError('STEPPE_THREADS', `must be at most ${threads}, got ${asked}.`);
  const inFloat32 = precisions.filter((name, code) => name !== 'highest' && library.steppe_bf16_pays(code) === 0);
  return { library, info: { path, isa: inUse, threads, built, inFloat32 } };
}
