import { rmSync } from 'node:fs';
import { useBackend } from '@steppe/backends';
import { formatRows, type Row } from '@steppe/conformance';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failingOn } from '../../../tools/vitest/webgpu.ts';
import { type FewSteps, fewSteps } from './harness/few-steps.ts';
import type {} from './harness/main.ts';
import { type Built, buildHarness } from './support/build.ts';
import { type Browser, inChromium, launch, withoutBrowser } from './support/chromium.ts';
import { type Served, serve } from './support/serve.ts';
import { images } from './support/shipped.ts';

/** How far losses in a page may be from those in Node, relatively: rounding of four steps of a smooth network. */
const TOLERANCE = { wasm: 1e-6, webgpu: 1e-4 } as const;

const far = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN)) / Math.abs(b[i] ?? Number.NaN)));

describe.skipIf(withoutBrowser)(inChromium('the packages in a browser'), () => {
  let built: Built;
  let served: Served;
  let browser: Browser;
  let page: Page;
  let node: FewSteps;
  let device: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    built = await buildHarness();
    [served, browser] = await Promise.all([serve(built), launch()]);
    page = await browser.context.newPage();
    page.on('pageerror', ({ message }) => complaints.push(message));
    await page.goto(served.url);
    await useBackend('wasm');
    node = await fewSteps(images().train);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    if (built) rmSync(built.folder, { recursive: true, force: true });
  });

  describe.each(['wasm', 'webgpu'] as const)('on %s', (backend) => {
    test('train as in Node, step by step, and leave nothing behind', async () => {
      device = await page.evaluate((name) => globalThis.harness.use(name), backend);
      const inPage = await page.evaluate(() => globalThis.harness.fewSteps());
      expect(node.losses).toHaveLength(4);
      expect(far(inPage.losses, node.losses)).toBeLessThan(TOLERANCE[backend]);
      expect(far(inPage.perturbed, node.perturbed)).toBeLessThan(TOLERANCE[backend]);
      expect(inPage.leaked).toBe(0);
    }, 240_000);

    test('conform to the CPU backend, case by case', async () => {
      const rows: readonly Row[] = await page.evaluate((name) => globalThis.harness.conform(name), backend);
      expect(rows.length).toBeGreaterThan(100);
      const failed = rows.filter(({ passed }) => !passed);
      const known = backend === 'webgpu' ? failingOn(device) : [];
      expect(formatRows(failed.filter(({ name }) => !known.includes(name)))).toBe('0 passed, 0 failed');
      expect(failed.map(({ name }) => name).toSorted()).toEqual(known);
    }, 240_000);
  });

  test('throw nothing that the page does not catch', () => {
    expect(complaints).toEqual([]);
  });
});
