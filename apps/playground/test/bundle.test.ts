import { rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserBundle } from '../../../tools/vitest/browser-bundle.ts';
import { type Built, brotliBytes, buildLibrary, buildPage, filesOf } from './support/build.ts';

let page: Built;
let library: Built;
const sizeOf = (files: Iterable<Buffer>): number => [...files].reduce((sum, bytes) => sum + brotliBytes(bytes), 0);
const matching = (built: Built, pattern: RegExp): readonly Buffer[] =>
  [...filesOf(built.folder)].filter(([name]) => pattern.test(name)).map(([, bytes]) => bytes);

beforeAll(async () => {
  page = await buildPage();
  library = await buildLibrary();
});
afterAll(() => {
  for (const built of [page, library]) if (built) rmSync(built.folder, { recursive: true, force: true });
});

/** What all exports of a package weigh alone, without tfjs, and 3 % more: what grows by more is decided anew. */
const BUDGETS = {
  autograd: 12_640,
  backends: 35_680,
  check: 1_360,
  datasets: 14_640,
  layers: 20_770,
  models: 22_190,
  random: 1_790,
  sharpness: 51_620,
  train: 21_280,
  transforms: 24_250,
  tree: 7_180,
};

test.each(Object.entries(BUDGETS))(
  '@steppe/%s with every export stays within %i bytes of brotli',
  async (name, budget) => {
    const tfjs = fileURLToPath(new URL('../../../node_modules/@tensorflow/*', import.meta.url));
    const { code } = await browserBundle(`export * from '@steppe/${name}';`, ['@tensorflow/*', tfjs]);
    expect(brotliBytes(Buffer.from(code))).toBeLessThan(budget);
  },
);

describe('what vite makes of the packages and the page', () => {
  test('holds nothing of Node, and is made without a warning', () => {
    expect([...page.warnings, ...library.warnings]).toEqual([]);
    for (const code of [...matching(page, /\.js$/), ...matching(library, /\.js$/)]) {
      const imported = [...String(code).matchAll(/\b(?:from|import)\s*\(?["'`]([^"'`]+)["'`]/g)].map(
        ([, name]) => name,
      );
      expect(imported.filter((name) => /^node:/.test(name ?? '') || builtinModules.includes(name ?? ''))).toEqual([]);
    }
  });

  test('has the WASM module and the images beside the page, and relative addresses only', () => {
    const files = filesOf(page.folder);
    expect(files.has('wasm/tfjs-backend-wasm-simd.wasm')).toBe(true);
    expect([...files.keys()].filter((name) => name.startsWith('images/'))).toHaveLength(4);
    const addresses = [...String(files.get('index.html')).matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, to]) => to ?? '',
    );
    expect(addresses.length).toBeGreaterThan(1);
    expect(addresses.filter((to) => !/^(\.\/|data:)/.test(to))).toEqual([]);
  });

  test('stays within its budget, in bytes of brotli', () => {
    const html = sizeOf(matching(page, /\.(html|css)$/));
    const shown = html + sizeOf(matching(page, /assets\/index-.*\.js$/));
    const scripts = html + sizeOf(matching(page, /\.js$/));
    const images = matching(page, /^images\//).reduce((sum, bytes) => sum + bytes.length, 0);
    const devices = sizeOf(matching(library, /\.js$/)) - sizeOf(matching(library, /^library\.js$/));
    const landscape = sizeOf(matching(page, /assets\/(survey|contours)-.*\.js$/));
    // The kernels of all devices, which load on demand; what is loaded before the first click; what the landscape needs,
    // which loads with the first; all scripts, of which a visit needs one device's; the images.
    expect(devices).toBeLessThan(34_000);
    expect(shown).toBeLessThan(36_000);
    expect(landscape).toBeLessThan(18_200);
    expect(scripts).toBeLessThan(285_000);
    expect(images).toBeLessThan(340_000);
  });
});
