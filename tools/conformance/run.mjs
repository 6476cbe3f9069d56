// Runs tfjs-core's own specs on a backend and compares what fails with what is expected to:
//   node tools/conformance/run.mjs --backend cpu|wasm|native|webgpu|tensorflow [--only REGEX] [--fallbacks]
// expected/BACKEND.json names the specs that fail there by their cause. A failure that is not listed fails the run, and so does a
// listed spec that passes, unless its cause begins with `sometimes:`. --only runs the specs whose full names match; --fallbacks lists native's fallback kernels.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { judge } from './judge.mjs';

const require = createRequire(import.meta.url);
const { build } = require('esbuild');
const Jasmine = require('jasmine');
const here = fileURLToPath(new URL('.', import.meta.url));
const backends = ['cpu', 'wasm', 'native', 'webgpu', 'tensorflow'];

const { backend, only, fallbacks } = parseArgs({
  options: {
    backend: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    fallbacks: { type: 'boolean', default: false },
  },
}).values;
if (!backends.includes(backend)) throw new Error(`--backend is one of ${backends.join(', ')}; got "${backend}".`);
process.env.STEPPE_CONFORMANCE_BACKEND = backend;
const listed = join(here, 'expected', `${backend}.json`);
const expected = existsSync(listed) ? JSON.parse(readFileSync(listed, 'utf8')) : {};

// Inside the repository, so that what the backends load by name is found.
mkdirSync(join(here, '../dist'), { recursive: true });
const folder = mkdtempSync(join(here, '../dist/conformance-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
await build({
  stdin: {
    contents: "import './setup.mjs'; import '@tensorflow/tfjs-core/dist/tests';",
    resolveDir: here,
    loader: 'ts',
  },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  mainFields: ['module', 'main'],
  conditions: ['@steppe/source'],
  ignoreAnnotations: true,
  external: ['koffi'],
  nodePaths: (process.env.NODE_PATH ?? '').split(':').filter(Boolean),
  // Every module of the bundle takes itself for this one, from which the C sources and the packages are found.
  define: {
    'import.meta.url': JSON.stringify(pathToFileURL(join(here, '../../packages/native/src/build/binary.ts')).href),
  },
  logLevel: 'error',
  outfile: join(folder, 'specs.cjs'),
});

const results = [];
let viaFallback = 0;
let before = 0;
let total = 0;
let next = Date.now() + 10_000;
const calls = () => Object.values(globalThis.steppeFallbackKernels()).reduce((sum, count) => sum + count, 0);
const count = (status) => results.filter((result) => result.status === status).length;

const runner = new Jasmine({ projectBaseDir: folder });
runner.env.clearReporters();
runner.clearReporters();
runner.addReporter({
  jasmineStarted: ({ totalSpecsDefined }) => {
    total = totalSpecsDefined;
  },
  specStarted: () => {
    before = calls();
  },
  specDone: ({ status, fullName, failedExpectations }) => {
    if (status === 'excluded' && only) return;
    const message = failedExpectations.map((each) => each.message.split('\n').slice(0, 4).join('\n  '))[0];
    results.push({ name: fullName, status: status === 'excluded' ? 'pending' : status, message });
    if (calls() > before) viaFallback++;
    if (Date.now() < next) return;
    next = Date.now() + 10_000;
    console.log(`${results.length} of ${total}, ${count('failed')} failed; last: ${fullName}`);
  },
  suiteDone: ({ fullName, failedExpectations }) => {
    for (const { message } of failedExpectations) results.push({ name: fullName, status: 'failed', message });
  },
  jasmineDone: ({ failedExpectations }) => {
    for (const { message } of failedExpectations) results.push({ name: 'the set-up', status: 'failed', message });
  },
});
runner.exitOnCompletion = false;
runner.loadConfig({ spec_dir: '.', spec_files: ['specs.cjs'], random: false });
await runner.execute(undefined, only);

const { unlisted, passing, causes } = judge(results, expected, only);
for (const { name, message } of unlisted)
  if (!message?.startsWith('Not run because')) console.log(`FAILED ${name}\n  ${message}`);
for (const name of passing) console.log(`PASSED, though expected to fail: ${name}`);
for (const [cause, failures] of Object.entries(causes)) console.log(`${failures} fail as expected: ${cause}`);
const kernels = Object.entries(globalThis.steppeFallbackKernels());
if (backend === 'native') console.log(`${viaFallback} specs ran through one of ${kernels.length} fallback kernels`);
if (fallbacks) for (const [name, times] of kernels) console.log(`${name} ${times}`);
const known = count('failed') - unlisted.length;
console.log(`${known} failed as expected, ${passing.length} passed unexpectedly, ${count('pending')} skipped`);
console.log(`${count('passed') - passing.length} passed, ${unlisted.length + passing.length} failed`);
process.exitCode = unlisted.length + passing.length === 0 ? 0 : 1;
