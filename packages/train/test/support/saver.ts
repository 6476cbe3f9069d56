import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { folder } from './folder.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Builds `saver.mjs` from the sources into a folder of its own, with what it starts, and gives its path. */
export async function buildSaver(place: string = folder()): Promise<string> {
  const outfile = join(place, 'src', 'checkpoint', 'saver.mjs');
  await build({
    entryPoints: [here('saver.mjs')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@steppe/source'],
    mainFields: ['module', 'main'],
    minify: true,
    // tfjs asks for a module of Node by require.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'silent',
  });
  mkdirSync(join(place, 'worker'));
  copyFileSync(here('../../worker/sha256.mjs'), join(place, 'worker', 'sha256.mjs'));
  return outfile;
}
