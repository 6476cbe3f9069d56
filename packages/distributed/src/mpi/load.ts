import { createRequire } from 'node:module';
import type { LibraryHandle } from 'koffi';
import { libraries } from './abi.ts';
import type { Make } from './launch.ts';

/** What we use of koffi. */
export type Koffi = {
  load(path: string, options?: { readonly global: boolean }): LibraryHandle;
  address(value: ArrayBufferView): bigint;
};

/** A library of MPI, and what it is called on this machine. */
export type Loaded = { readonly library: LibraryHandle; readonly file: string };

/** The exit code of a process whose peers are lost. */
export const PEER_LOST = 71;

/** RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE of glibc and musl. */
const pinned = 0x2 | 0x100 | 0x1000;

/** Loads koffi. @throws When the package is not there for this platform. */
export function loadKoffi(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi;
  } catch (cause) {
    throw new Error(`koffi does not load on ${process.platform} ${process.arch}: npm install koffi.`, { cause });
  }
}

/**
 * What UCX, by which MPICH and often OpenMPI send, is told where the user has not.
 *
 * By itself it writes jumps into mmap, munmap, brk and others of the C library, and moves the end of the heap up and
 * down to try them, while the threads of Node and V8 call these functions: one start in some hundreds died of it. Its
 * handler of SIGSEGV would stand in the place of V8's, which makes errors of WebAssembly out of them.
 */
const calm: Readonly<Record<string, string>> = { UCX_MEM_EVENTS: 'n', UCX_ERROR_SIGNALS: '' };

/** The C library, for what Node has not: to yield the processor, and to end at once. */
export const libc = (koffi: Koffi): LibraryHandle => koffi.load('libc.so.6');

/**
 * Loads the library of the make that started this process, or the one that `STEPPE_MPI` names.
 *
 * @throws When none is found, with the command that installs it.
 */
export function loadLibrary(koffi: Koffi, make: Make, named: string | undefined): Loaded {
  if (process.platform !== 'linux')
    throw new Error(`Many workers over MPI run on Linux, got ${process.platform}: start one process, without mpirun.`);
  const system = libc(koffi);
  // In the environment of the process itself: a worker thread's process.env is a copy.
  const setDefault = system.func('setenv', 'int', ['str', 'str', 'int']);
  for (const [name, value] of Object.entries(calm)) setDefault(name, value, 0);
  const dlopen = system.func('dlopen', 'void *', ['str', 'int']);
  const { files, install } = libraries[make];
  // koffi closes a library when the process exits, while threads of MPI still run its code: pinned, it stays.
  for (const file of named ? [named] : files)
    if (dlopen(file, pinned) !== null) return { library: koffi.load(file, { global: true }), file };
  throw new Error(
    named
      ? `STEPPE_MPI names ${named}, which is no library that loads here: leave it unset to use ${files[0]} of ${make}.`
      : `${make} started this process, and its library ${files[0]} is not found: ${install}, or name its file by STEPPE_MPI.`,
  );
}
