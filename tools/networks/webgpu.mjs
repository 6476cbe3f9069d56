// Runs every network of packages/models/test/networks/table.ts on WebGPU beside WASM: values, gradients, statistics,
// SAM, second derivatives, noise by key, and tensors left; and every tf.LayersModel of packages/layers/test/support by
// fromLayersModel, fit and toOptimizer. Tells how long each took, and fails where a case does.
//   npm run build && node tools/networks/webgpu.mjs [part of a name ...]
// Without a graphics card it needs a Vulkan driver: sudo apt install chromium libvulkan1.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { useBackend } from '@steppe/backends';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');
mkdirSync(join(root, 'tools/dist'), { recursive: true });
const folder = mkdtempSync(join(root, 'tools/dist/networks-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The tests' own tables and cases: TypeScript, so bundled; the packages are those of this process. */
const outfile = join(folder, 'cases.mjs');
const modules = [
  'packages/models/test/networks/table.ts',
  'packages/models/test/networks/on-webgpu.ts',
  'packages/layers/test/support/architectures.ts',
  'packages/layers/test/support/on-backend.ts',
  'tools/vitest/webgpu.ts',
];
await build({
  stdin: { contents: modules.map((file) => `export * from './${file}';`).join('\n'), resolveDir: root },
  ...{ bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'error', outfile },
});
const { architectures, faultsOnWebGpu, gap, networks, traceOn, whyNoGpu } = await import(pathToFileURL(outfile).href);

const reason = await whyNoGpu(() => useBackend('webgpu'));
if (reason) throw new Error(reason);
console.log((await useBackend('webgpu')).description);

/** What is wrong with a model of layers: its numbers, when they are others than WASM's. */
async function faultsOfLayers(architecture) {
  const difference = gap(await traceOn('webgpu', architecture), await traceOn('wasm', architecture));
  return difference < 1e-3 ? [] : [`its numbers differ from WASM's by ${difference}, 0.001 at most`];
}

const parts = process.argv.slice(2);
const cases = [
  ...networks.map((network) => [network.name, () => faultsOnWebGpu(network)]),
  ...architectures.map((architecture) => [`layers: ${architecture.name}`, () => faultsOfLayers(architecture)]),
].filter(([name]) => parts.length === 0 || parts.some((part) => name.includes(part)));
let failed = 0;
for (const [name, run] of cases) {
  const begin = performance.now();
  const faults = await run().catch((error) => [error.message]);
  failed += faults.length;
  console.log(
    `${faults.length === 0 ? 'ok' : 'not ok'} ${name} (${((performance.now() - begin) / 1000).toFixed(1)} s)`,
  );
  for (const fault of faults) console.log(`  ${fault}`);
}
console.log(`${cases.length} cases, ${failed} faults`);
process.exit(failed === 0 ? 0 : 1);
