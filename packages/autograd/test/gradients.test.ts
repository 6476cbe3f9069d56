import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { gradientsFile } from '../../../tools/gradients/make.mjs';
import { packagesBuilt } from '../../../tools/vitest/packages-built.ts';

const run = promisify(execFile);
const path = fileURLToPath(new URL('../gradients/register.js', import.meta.url));

/** What a fresh Node process prints that runs a program inside the package, as JSON. */
async function inNode(program: string): Promise<unknown> {
  const folder = await mkdtemp(fileURLToPath(new URL('../dist/gradients-', import.meta.url)));
  try {
    await writeFile(join(folder, 'program.mjs'), program);
    const { stdout, stderr } = await run(process.execPath, [join(folder, 'program.mjs')]);
    expect(stderr).toBe('');
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

beforeAll(packagesBuilt);

test('the gradients are those of the tfjs-core that is installed', async () => {
  expect(await readFile(path, 'utf8'), 'run node tools/gradients/make.mjs').toBe(await gradientsFile());
});

test('they have the names, and save the inputs and outputs, of those that @tensorflow/tfjs registers', async () => {
  const program = (gradients: string) => `
    import * as tf from '@tensorflow/tfjs-core';
    import '${gradients}';
    const rules = Object.values(tf).filter((name) => typeof name === 'string').map((name) => tf.getGradient(name));
    console.log(JSON.stringify(rules));
  `;
  const [ours, union] = [
    await inNode(program('../../gradients/register.js')),
    await inNode(program('@tensorflow/tfjs')),
  ];
  expect((ours as unknown[]).filter((rule) => rule !== null)).toHaveLength(101);
  expect(ours).toEqual(union);
});

/** The first gradient of a padded average pool, which tfjs has wrong and this package right. */
const POOL = `
  const x = tf.ones([1, 3, 3, 1]);
  const pool = (w) => tf.sum(tf.avgPool(w, 2, 2, 'same'));
  const corrected = () => Array.from(valueAndGrad(pool)(x).grads.dataSync());
`;

test('imported before or after @tensorflow/tfjs, or between two gradients, the corrected rules hold', async () => {
  const wanted = [0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.5, 0.5, 1];
  const core = `import * as tf from '@tensorflow/tfjs-core'; import '@tensorflow/tfjs-backend-cpu';`;
  const ours = `import { valueAndGrad } from '@steppe/autograd';`;
  const union = `import '@tensorflow/tfjs';`;
  const quiet = `tf.env().set('IS_TEST', true); await tf.setBackend('cpu');`;
  for (const order of [core + ours, core + ours + union, core + union + ours])
    expect(await inNode(`${order} ${quiet} ${POOL} console.log(JSON.stringify(corrected()));`)).toEqual(wanted);
  const between = `corrected(); await import('@tensorflow/tfjs'); console.log(JSON.stringify(corrected()));`;
  expect(await inNode(`${core} ${ours} ${quiet} ${POOL} ${between}`)).toEqual(wanted);
});
