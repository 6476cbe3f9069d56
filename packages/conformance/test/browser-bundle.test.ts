import { expect, test } from 'vitest';
import { browserBundle } from '../../../tools/vitest/browser-bundle.ts';

test('a bundle of the suite for browsers holds no test runner, nothing of Node and no device but the reference', async () => {
  const { files, imports } = await browserBundle(new URL('../src/index.ts', import.meta.url));
  expect(imports).toEqual([]);
  const folders = files.map((file) => /node_modules\/((@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? '');
  const backends = folders.filter((folder) => folder.includes('backend'));
  expect([...new Set(backends)]).toEqual(['@tensorflow/tfjs-backend-cpu']);
  expect(files.filter((file) => /vitest|jasmine|node_modules\/chai|platform\/node|\/node\.ts$/.test(file))).toEqual([]);
});
