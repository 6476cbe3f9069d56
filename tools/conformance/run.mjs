// Runs tfjs-core's own specs on a backend and compares what fails with what is expected to:
//   node tools/conformance/run.mjs --backend cpu|wasm|native|webgpu|tensorflow [--browser] [--only REGEX] [--fallbacks]
// expected/BACKEND.json names the specs that fail there by their cause; BACKEND-node.json and BACKEND-browser.json
// those that fail there alone. A failure that is not listed fails the run, and so does a listed spec that passes,
// unless its cause begins with `sometimes:`. --browser runs them in a page of the system's Chromium; --only runs the
// specs whose full names match; --fallbacks lists native's fallback kernels.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { inBrowser } from './in-browser.mjs';
import { inNode } from './in-node.mjs';
import { report } from './report.mjs';
import { collect } from './results.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

const { backend, browser, only, fallbacks } = parseArgs({
  options: {
    backend: { type: 'string', default: '' },
    browser: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    fallbacks: { type: 'boolean', default: false },
  },
}).values;
const backends = browser ? ['cpu', 'wasm', 'webgpu'] : ['cpu', 'wasm', 'native', 'webgpu', 'tensorflow'];
if (!backends.includes(backend)) throw new Error(`--backend is one of ${backends.join(', ')}; got "${backend}".`);

mkdirSync(join(here, '../dist'), { recursive: true });
const folder = mkdtempSync(join(here, '../dist/conformance-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const { heard, tell } = collect();
if (browser) await inBrowser(backend, only, folder, heard, tell);
else await inNode(backend, only, folder, tell);

const kernels = Object.entries(heard.kernels);
if (backend === 'native') {
  const viaFallback = heard.results.filter((result) => result.viaFallback).length;
  console.log(`${viaFallback} specs ran through one of ${kernels.length} fallback kernels`);
}
if (fallbacks) for (const [name, times] of kernels) console.log(`${name} ${times}`);

const expected = {};
for (const name of [backend, `${backend}-${browser ? 'browser' : 'node'}`]) {
  const file = join(here, 'expected', `${name}.json`);
  const causes = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  for (const [cause, names] of Object.entries(causes)) expected[cause] = [...(expected[cause] ?? []), ...names];
}
process.exitCode = report(heard.results, expected, only) ? 0 : 1;
