// Runs every network of packages/models/test/networks/table.ts on WebGPU beside WASM: values, gradients, statistics,
// SAM, second derivatives, noise by key, and tensors left. Tells how long each took, and fails where a case does.
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

/** The tests' own table and cases: TypeScript, so bundled; the packages are those of this process. */
const outfile = join(folder, 'cases.mjs');
const modules = ['table.ts', 'on-webgpu.ts'].map((file) => `export * from './${file}';`).join('\n');
await build({
  stdin: {
    contents: `${modules}\nexport { whyNoGpu } from '${join(root, 'tools/vitest/webgpu.ts')}';`,
    resolveDir: join(root, 'packages/models/test/networks'),
  },
  ...{ bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'error', outfile },
});
const { networks, faultsOnWebGpu, whyNoGpu } = await import(pathToFileURL(outfile).href);

const reason = await whyNoGpu(() => useBackend('webgpu'));
if (reason) throw new Error(reason);
console.log((await useBackend('webgpu')).description);

const parts = process.argv.slice(2);
const wanted = networks.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)));
let failed = 0;
for (const network of wanted) {
  const begin = performance.now();
  const faults = await faultsOnWebGpu(network).catch((error) => [`${network.name}: ${error.message}`]);
  failed += faults.length;
  console.log(
    `${faults.length === 0 ? 'ok' : 'not ok'} ${network.name} (${((performance.now() - begin) / 1000).toFixed(1)} s)`,
  );
  for (const fault of faults) console.log(`  ${fault}`);
}
console.log(`${wanted.length} networks, ${failed} faults`);
process.exit(failed === 0 ? 0 : 1);
