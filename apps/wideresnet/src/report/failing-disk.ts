import { fsyncSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Reasons that say that there is nothing to sync, as for a pipe or a terminal. */
const nothingToSync: ReadonlySet<string | undefined> = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EROFS', 'EBADF']);

function canSync(descriptor: number): boolean {
  try {
    fsyncSync(descriptor);
    return true;
  } catch (error) {
    return nothingToSync.has((error as NodeJS.ErrnoException).code);
  }
}

/** What this file uses of koffi, by which the native engine is called. */
type Koffi = {
  load(path: null): { func(name: string, result: string, parameters: readonly string[]): (code: number) => never };
};

const isKoffi = (exports: unknown): exports is Koffi =>
  typeof exports === 'object' && exports !== null && 'load' in exports && 'address' in exports;

/** koffi, if a library has loaded it into this process. */
const loadedKoffi = (): Koffi | undefined =>
  Object.entries(createRequire(import.meta.url).cache)
    .filter(([path]) => /[\\/]koffi[\\/]/.test(path))
    .map(([, module]): unknown => module?.exports)
    .find(isKoffi);

/**
 * Lets the process end although the disk of its standard output fails (EIO, ENOSPC).
 *
 * koffi syncs both standard outputs while the process is torn down. When that fails for standard error it reports so on
 * standard error, whose lock it holds itself, and waits for ever. The process then ends by the system's `_exit`, which
 * runs no such handlers.
 */
export function endOnFailingDisk(): void {
  process.on('exit', (code) => {
    if (process.platform === 'win32' || (canSync(1) && canSync(2))) return;
    loadedKoffi()?.load(null).func('_exit', 'void', ['int'])(code);
  });
}
