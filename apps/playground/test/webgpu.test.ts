import { rmSync } from 'node:fs';
import { useBackend } from '@steppe/backends';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { defaults } from '../src/settings.ts';
import { contest, type Pair } from '../src/training/contest.ts';
import { type Built, buildPage } from './support/build.ts';
import { type Browser, inChromium, launch, withoutBrowser } from './support/chromium.ts';
import { type Reading, reading, until } from './support/page.ts';
import { type Served, serve } from './support/serve.ts';
import { fewImages, splits } from './support/shipped.ts';

/** Few and small: a renderer on the CPU takes seconds for a step. */
const files = fewImages(8, 4);
const settings = { ...defaults, batch: 4, m: 2, rho: 0.05 };

describe.skipIf(withoutBrowser)(inChromium('the page on WebGPU'), { timeout: 240_000 }, () => {
  let built: Built;
  let served: Served;
  let browser: Browser;
  let page: Page;
  let read: Reading;
  const complaints: string[] = [];

  beforeAll(async () => {
    built = await buildPage();
    [served, browser] = await Promise.all([serve(built), launch()]);
    page = await browser.context.newPage();
    page.on('pageerror', ({ message }) => complaints.push(message));
    read = reading(page);
    for (const [name, body] of Object.entries(files))
      await page.route(`**/images/${name}`, (route) => route.fulfill({ body }));
    await page.goto(`${served.url}?backend=webgpu&batch=4&m=2&rho=0.05&landscape=off`);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    if (built) rmSync(built.folder, { recursive: true, force: true });
  });

  test('measures and trains as in Node', async () => {
    await useBackend('wasm');
    const { step, measure, dispose } = await contest(settings, splits(files));
    const { accuracy, sharpness } = await measure();
    const losses: Pair[] = [];
    for (let i = 0; i < 8; i++) losses.push((await step()).loss);
    dispose();

    await page.getByRole('button', { name: 'Start' }).click();
    await until(page, 'a measurement', async () => (await read.tensors()) > 0);
    expect(await read.status()).toMatch(/^Running on WebGPU on /);
    await until(page, 'two steps', async () => (await read.step()) >= 2);
    await page.getByRole('button', { name: 'Pause' }).click();
    // The step under way is finished, and the page shows two digits of the mean of the losses.
    await vi.waitFor(
      async () => {
        const steps = await read.step();
        expect(await read.status()).toBe(`Paused at step ${steps}.`);
        for (const name of ['SGD', 'SAM'] as const) {
          const key = name === 'SGD' ? 'sgd' : 'sam';
          const [loss, share, rise] = await read.row(name);
          expect(loss).toBeCloseTo(
            losses.slice(0, steps).reduce((sum, pair) => sum + pair[key] / steps, 0),
            1.5,
          );
          expect(share).toBeCloseTo(100 * accuracy[key], 1);
          expect(rise).toBeCloseTo(sharpness[key], 1.5);
        }
      },
      { timeout: 60_000, interval: 500 },
    );
    expect((await read.drawn()).at(-1)?.sam).toBeGreaterThan(40);
  });

  test('says that the device was lost, and starts anew on another', async () => {
    await page.getByRole('button', { name: 'Resume' }).click();
    await browser.killGpu();
    await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
    expect(await read.alert()).toMatch(
      /^The WebGPU device was lost: .*\. Use smaller batches .* if its memory or its time ran out, then press Start\.$/,
    );
    await page.getByRole('button', { name: 'Start' }).click();
    await until(page, 'a measurement', async () => (await read.tensors()) > 0);
    expect(await read.status()).toMatch(/^Running on WebGPU on /);
    expect((await read.row('SAM'))[2]).toBeGreaterThan(0);
  });

  test('throws nothing that the page does not catch', () => {
    expect(complaints).toEqual([]);
  });
});
