import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packagesBuilt } from '../../../tools/vitest/packages-built.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

/** What a user writes who has installed the core, a backend and this package. Its gradients come from this package
 * alone. */
const PROGRAM = `
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { hvp, valueAndGrad } from '@steppe/autograd';

await tf.setBackend('cpu');
tf.env().set('IS_TEST', true);
const loss = ({ w }, x) => [tf.mean(tf.square(tf.sub(tf.sigmoid(w), x))), { x }];
const w = { w: tf.tensor1d([0, 1]) };
const { value, grads, aux } = valueAndGrad(loss)(w, tf.tensor1d([0.5, 0]));
const second = hvp(loss)(w, tf.tensor1d([0.5, 0]), { w: tf.tensor1d([1, 1]) });
report(JSON.stringify({
  value: value.arraySync().toFixed(4),
  grads: grads.w.arraySync().map((g) => g.toFixed(4)),
  aux: aux.x.arraySync(),
  second: second.w.arraySync().map((g) => g.toFixed(3)),
}));
`;

const s = 1 / (1 + Math.exp(-1));
const d = s * (1 - s);
const EXPECTED = {
  value: ((s * s) / 2).toFixed(4),
  grads: [(0).toFixed(4), (s * d).toFixed(4)],
  aux: [0.5, 0],
  second: [(0.25 * 0.25).toFixed(3), (d * d + s * d * (1 - 2 * s)).toFixed(3)],
};

let folder = '';
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  await packagesBuilt();
  // Inside the package, where its name and the backend resolve as they do for a user.
  folder = await mkdtemp(fileURLToPath(new URL('../dist/installed-', import.meta.url)));
  await writeFile(file('program.mjs'), PROGRAM.replace('report(', 'console.log('));
  await writeFile(file('browser.mjs'), PROGRAM);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const bundle = (entry: string, out: string, ...options: readonly string[]) =>
  run(bin('esbuild'), [file(entry), '--bundle', `--outfile=${file(out)}`, '--log-level=error', ...options], {
    cwd: root,
  });

describe('installed beside only the core and a backend, it computes gradients', () => {
  test('in a fresh Node process', async () => {
    const { stdout } = await run(process.execPath, [file('program.mjs')]);
    expect(JSON.parse(stdout)).toEqual(EXPECTED);
  });

  test('in a bundle for Node', async () => {
    const banner = `--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
    // The backend says that its file for Node has no side effects, so esbuild leaves out an import that uses nothing of
    // it.
    const bare = "import '@tensorflow/tfjs-backend-cpu';";
    const used = "import { version_cpu } from '@tensorflow/tfjs-backend-cpu'; globalThis.backend = version_cpu;";
    await writeFile(file('bundled.mjs'), PROGRAM.replace(bare, used).replace('report(', 'console.log('));
    await bundle('bundled.mjs', 'node.mjs', '--platform=node', '--format=esm', banner);
    const { stdout } = await run(process.execPath, [file('node.mjs')]);
    expect(JSON.parse(stdout)).toEqual(EXPECTED);
  });

  test('in a bundle for browsers, where there is no Node', async () => {
    await bundle('browser.mjs', 'browser.js', '--platform=browser', '--format=esm', '--minify');
    const code = await readFile(file('browser.js'), 'utf8');
    const output = await new Promise<string>((resolve, reject) => {
      const page = createContext({
        report: resolve,
        reject,
        TextEncoder,
        TextDecoder,
        performance,
        setTimeout,
        console,
      });
      runInContext(
        'var self = globalThis; var window = globalThis; var document = {}; var navigator = { userAgent: "none" };',
        page,
      );
      runInContext(`(async () => { ${code} })().catch(reject);`, page);
    });
    expect(JSON.parse(output)).toEqual(EXPECTED);
  });
});
