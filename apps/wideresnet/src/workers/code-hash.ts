import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The packages of ours that a step is made of. */
const packages = ['autograd', 'backends', 'datasets', 'distributed', 'models', 'random', 'train', 'transforms', 'tree'];

const folderOf = (name: string): string => dirname(fileURLToPath(import.meta.resolve(`@steppe/${name}`)));

/** A hash of our code, the app's and that of the packages: versions alone do not tell two clones apart. */
export function codeHash(): string {
  const hash = createHash('sha256');
  for (const folder of [join(import.meta.dirname, '..'), ...packages.map(folderOf)])
    for (const name of readdirSync(folder, { recursive: true }).map(String).sort())
      if (/\.[jt]s$/.test(name) && !name.endsWith('.d.ts')) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}
