import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';

/**
 * Runs the specs in this process.
 *
 * @param {string} backend - By tfjs's name.
 * @param {string} only - A regular expression of the specs' full names.
 * @param {string} folder - Where the bundle is written: inside the repository, so that what the backends load by name
 * is found.
 * @param {(event: object) => void} tell - Hears what happens.
 */
export async function inNode(backend, only, folder, tell) {
  const file = join(folder, 'specs.cjs');
  await bundle(backend, false, file);
  await createRequire(import.meta.url)(file).run({ only, done: [] }, tell);
}
