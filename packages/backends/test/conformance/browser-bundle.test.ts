import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('a bundle of the suite for browsers holds no test runner, nothing of Node and no device but the reference', async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/conformance/index.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@steppe/source'],
    logLevel: 'silent',
    metafile: true,
    write: false,
  });
  expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
  const folders = Object.keys(metafile.inputs).map((file) => /node_modules\/((@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? '');
  const backends = folders.filter((folder) => folder.includes('backend'));
  expect([...new Set(backends)]).toEqual(['@tensorflow/tfjs-backend-cpu']);
  expect(folders.filter((folder) => /vitest|jasmine|chai/.test(folder))).toEqual([]);
});
