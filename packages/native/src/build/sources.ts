import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the C sources; it stands beside `src` and `dist`. */
export const sourceFolder: string = fileURLToPath(new URL('../../c/', import.meta.url));

/** Flags of every build. NaN and infinity keep their meaning: no `-ffast-math`. */
export const commonFlags: readonly string[] = [
  '-std=gnu11',
  '-I.', // includes are written from the folder of the sources
  '-O3',
  '-fPIC',
  '-pthread',
  '-ffp-contract=fast',
  '-fno-math-errno',
  '-fno-trapping-math',
  // clang would list every loop over a libm function as one that it cannot vectorize
  '-Wno-pass-failed',
];

/** Flags of the link. The pool's threads outlive the library's handle, so it must never be unmapped. */
export function linkFlags(platform: string): readonly string[] {
  return platform === 'linux' ? ['-shared', '-pthread', '-Wl,-z,nodelete', '-lm'] : ['-shared', '-pthread', '-lm'];
}

/** The program that says what the processor can, alone in its binary. */
export const probeFile = 'runtime/probe.c';

/** Files below a folder by their extension, `bench` aside, as paths from there with `/`. */
const filesIn = (folder: string, extension: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(sep).join('/'))
    .filter((name) => name.endsWith(extension) && !name.startsWith('bench/'))
    .sort();

/** The C files of the kernels, without the probe. */
export function kernelFiles(folder: string = sourceFolder): readonly string[] {
  return filesIn(folder, '.c').filter((name) => name !== probeFile);
}

/** The name under which something made from C files is cached: a hash of them, of all headers, and of everything else
 * that the result depends on. */
export function buildHash(files: readonly string[], rest: readonly string[], folder: string = sourceFolder): string {
  const hash = createHash('sha256');
  for (const name of [...filesIn(folder, '.h'), ...files].sort()) {
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(folder, name)))
      .update('\0');
  }
  for (const item of rest) hash.update(item).update('\0');
  return hash.digest('hex').slice(0, 16);
}
