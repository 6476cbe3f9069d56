import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../chromium.mjs';
import { graphics, serve } from './in-browser.mjs';

const { build } = createRequire(import.meta.url)('esbuild');
const here = fileURLToPath(new URL('.', import.meta.url));

const contents = `
import '@steppe/autograd';
import { useBackend } from '@steppe/backends';
import { sweep } from '@steppe/conformance';
globalThis.specs = async ({ seed, gradients, work }, tell) => {
  await useBackend('cpu');
  await useBackend('webgpu');
  for (const { name, from, cases } of work)
    for (let number = from; number < from + cases; number++) {
      const findings = await sweep('webgpu', {
        seed, gradients, ops: [name], from: number, cases: 1,
        onProgram: (program) => tell({ program }),
        onFinding: (finding) => tell({ finding }),
      });
      // After what the device rejects, all throws until there is a new one.
      if (findings.length) await useBackend('webgpu');
    }
};`;

/** Makes what runs programs on WebGPU in a page of the system's Chromium, as `inOne` does in a process. */
export async function inPages() {
  mkdirSync(join(here, '../dist'), { recursive: true });
  const folder = mkdtempSync(join(here, '../dist/sweep-'));
  await build({
    stdin: { contents, resolveDir: here },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    mainFields: ['browser', 'module', 'main'],
    conditions: ['@steppe/source', 'module'],
    define: { global: 'globalThis' },
    logLevel: 'error',
    outfile: join(folder, 'specs.js'),
  });
  const server = await serve(folder);
  const run = async ({ seed, gradients }, work, hear, begin) => {
    const browser = await launch(graphics);
    let running;
    let timer;
    try {
      const tab = await browser.context.newPage();
      const died = new Promise((resolve) => {
        tab.on('crash', () => resolve({ kind: 'crashes', what: 'the page crashed' }));
        timer = setInterval(() => {
          if (running && Date.now() - running.since > 120_000) resolve({ kind: 'hangs', what: 'not done after 120 s' });
        }, 5_000);
      });
      await tab.exposeFunction('steppeTell', ({ program, finding }) => {
        if (finding) return hear(finding);
        if (program.name !== running?.name) begin(program.name);
        running = { ...program, since: Date.now() };
      });
      await tab.goto(`http://127.0.0.1:${server.address().port}/`);
      const ended = tab
        .evaluate((options) => globalThis.specs(options, globalThis.steppeTell), { seed, gradients, work })
        .then(() => undefined)
        .catch(({ message }) => ({ kind: 'crashes', what: message.split('\n')[0], fatal: !running }));
      const why = await Promise.race([ended, died]);
      return { running, why };
    } finally {
      clearInterval(timer);
      await browser.close();
    }
  };
  const close = () => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  };
  return { run, close };
}
