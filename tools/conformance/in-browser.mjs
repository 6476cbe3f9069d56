import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { launch } from '../chromium.mjs';
import { bundle } from './bundle.mjs';

const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
const page = '<!doctype html><meta charset="utf-8"><title>specs</title><body><script src="/specs.js"></script></body>';

/** Vulkan for the page itself too: without it a WebGPU canvas takes the GPU's process down. */
export const graphics = [
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--use-vulkan=swiftshader',
  '--enable-features=Vulkan',
];

/** Serves the page, the bundle and the WASM modules on loopback: WebGPU needs a secure context. */
export async function serve(folder) {
  const answer = (path) => {
    if (path === '/') return ['text/html', page];
    if (path === '/specs.js') return ['text/javascript', readFileSync(join(folder, 'specs.js'))];
    const [, name] = /^\/wasm\/([\w-]+\.wasm)$/.exec(path) ?? [];
    return name ? ['application/wasm', readFileSync(join(wasm, name))] : undefined;
  };
  const server = createServer(({ url }, response) => {
    const [type, body] = answer(url) ?? ['text/plain', ''];
    response.writeHead(body ? 200 : 404, { 'content-type': type }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Runs the specs that have come to no result yet in a new browser. */
async function runRest(url, only, done, tell) {
  const browser = await launch(graphics);
  try {
    const tab = await browser.context.newPage();
    const crashed = new Promise((_, reject) => {
      tab.on('crash', () => reject(new Error('the page crashed')));
    });
    await tab.exposeFunction('steppeTell', tell);
    await tab.goto(url);
    const ended = tab.evaluate((options) => globalThis.specs.run(options, globalThis.steppeTell), { only, done });
    await Promise.race([ended, crashed]);
  } finally {
    await browser.close();
  }
}

/**
 * Runs the specs in a page of the system's Chromium. A spec in which the page or the GPU dies has failed, and what is
 * left runs in a new browser.
 *
 * @param {string} backend - By tfjs's name.
 * @param {string} only - A regular expression of the specs' full names.
 * @param {string} folder - Where the bundle is written.
 * @param {{ results: readonly object[], running?: object, ended: boolean }} heard - What was told before.
 * @param {(event: object) => void} tell - Hears what happens.
 */
export async function inBrowser(backend, only, folder, heard, tell) {
  await bundle(backend, true, join(folder, 'specs.js'));
  const server = await serve(folder);
  try {
    while (!heard.ended) {
      const before = heard.results.length;
      const done = heard.results.flatMap(({ id }) => id ?? []);
      await runRest(`http://127.0.0.1:${server.address().port}/`, only, done, tell).catch((error) => {
        const reason = error.message.replace(/^page\.evaluate: (Error: )?|\n.*/gs, '');
        // It would come again.
        if (!heard.running && heard.results.length === before) throw error;
        console.log(`A new browser for what is left: ${reason}`);
        if (heard.running) tell({ ...heard.running, type: 'result', status: 'failed', message: reason });
      });
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
