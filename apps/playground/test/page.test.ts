import { rmSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Built, buildPage } from './support/build.ts';
import { type Browser, inChromium, launch, withoutBrowser } from './support/chromium.ts';
import { type Reading, reading, until } from './support/page.ts';
import { type Served, serve } from './support/serve.ts';

describe.skipIf(withoutBrowser)(inChromium('the page'), { timeout: 120_000 }, () => {
  let built: Built;
  let served: Served;
  let browser: Browser;
  const complaints: string[] = [];

  const open = async (address: string): Promise<Page & { readonly read: Reading }> => {
    const page = await browser.context.newPage();
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      // Reading pixels back is this test's doing, not the page's.
      const ours = message.text().startsWith('Canvas2D: Multiple readback');
      if (['error', 'warning'].includes(message.type()) && !ours) complaints.push(message.text());
    });
    await page.goto(address);
    return Object.assign(page, { read: reading(page) });
  };

  beforeAll(async () => {
    built = await buildPage();
    [served, browser] = await Promise.all([serve(built), launch()]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    if (built) rmSync(built.folder, { recursive: true, force: true });
  });

  describe('trained by keyboard alone', () => {
    let page: Awaited<ReturnType<typeof open>>;
    beforeAll(async () => {
      page = await open(`${served.url}?backend=wasm&batch=8&seed=1&noise=0&images=2000&landscape=off`);
    });

    test('begins with the first thing that Tab reaches, at Enter', async () => {
      await page.keyboard.press('Tab');
      expect(await page.read.focused()).toBe('Start');
      await page.keyboard.press('Enter');
      await until(page, 'the device', async () => (await page.read.status()) === 'Running on WebAssembly on one core.');
      expect(await page.read.focused()).toBe('Pause');
    });

    test('brings both losses down, in a worker', async () => {
      await until(
        page,
        'a measurement',
        async () => (await page.read.row('SGD'))[2] !== undefined && (await page.read.tensors()) > 0,
      );
      const held = await page.read.tensors();
      await until(page, 'forty steps', async () => (await page.read.step()) > 40);
      // A network that guesses has a loss of ln 10 = 2.30 and is right one time in ten.
      for (const name of ['SGD', 'SAM'] as const) {
        const [loss, accuracy, sharpness] = await page.read.row(name);
        expect(loss).toBeLessThan(1.9);
        expect(accuracy).toBeGreaterThan(25);
        expect(sharpness).toBeGreaterThan(0);
      }
      expect(await page.read.tensors()).toBe(held);
      expect(page.workers()).toHaveLength(1);
    });

    test('draws every curve, in both colours', async () => {
      const charts = await page.read.drawn();
      expect(charts).toHaveLength(4);
      for (const { sgd, sam } of charts) {
        expect(sgd).toBeGreaterThan(40);
        expect(sam).toBeGreaterThan(40);
      }
      expect(await page.getByRole('img', { name: /^Training loss\. SGD \d.*, SAM \d/ }).count()).toBe(1);
    });

    test('pauses at Space: at most the step under way is finished', async () => {
      await page.keyboard.press('Space');
      expect(await page.read.status()).toMatch(/^Paused at step \d+\.$/);
      const paused = await page.read.step();
      await page.waitForTimeout(2000);
      expect(await page.read.step()).toBeLessThanOrEqual(paused + 2);
      const rested = await page.read.step();
      await page.keyboard.press('Space');
      await until(page, 'more steps', async () => (await page.read.step()) > rested + 2);
    });

    test('counts gradients: SAM takes two where SGD takes one', async () => {
      const [sgd, sam] = [(await page.read.row('SGD'))[3], (await page.read.row('SAM'))[3]];
      expect(sam).toBeGreaterThan(sgd as number);
      await page.getByRole('radio', { name: 'Steps' }).focus();
      await page.keyboard.press('ArrowRight');
      await until(page, 'the address', async () => (await page.read.query('x')) === 'gradients');
      for (const { sgd, sam } of await page.read.drawn()) expect(Math.min(sgd, sam)).toBeGreaterThan(40);
    });

    test('begins anew when a setting changes, and keeps it in the address', async () => {
      // Far behind by now: a page that is seldom asked, on a busy machine, still is seen before it comes there again.
      const before = await page.read.step();
      await page.getByRole('slider', { name: /^ρ/ }).focus();
      await page.keyboard.press('ArrowRight');
      await until(page, 'the address', async () => (await page.read.query('rho')) === '0.5');
      await until(page, 'a new run', async () => (await page.read.step()) < before);
      await page.getByRole('radio', { name: '∞' }).check();
      await until(page, 'the radius that goes with it', async () => (await page.read.query('rho')) === '0.0018');
      await page.getByRole('radio', { name: '∞' }).focus();
      await page.keyboard.press('ArrowRight');
      await until(page, 'the address', async () => (await page.read.query('p')) === '4');
      await page.getByRole('spinbutton', { name: 'p, at least 1' }).fill('3');
      await page.keyboard.press('Tab');
      await until(page, 'the address', async () => (await page.read.query('p')) === '3');
      await until(page, 'a step of it', async () => (await page.read.step()) > 0);
    });

    test('traps no one: Tab goes through all controls and out again', async () => {
      await page.getByRole('button', { name: 'Pause' }).focus();
      const passed: string[] = [];
      for (let i = 0; i < 30 && (await page.read.focused()) !== ''; i++) {
        passed.push(await page.read.focused());
        await page.keyboard.press('Tab');
      }
      expect(passed.length).toBeLessThan(20);
      const reached = passed.map((name) => /^[^\s\d]+/.exec(name)?.[0]);
      expect(reached).toEqual(
        expect.arrayContaining(['Pause', 'Reset', 'Settings', 'ρ', 'm', 'Batch', 'Learning', 'WASM', 'Seed']),
      );
    });

    test('is as it was at the beginning after Reset', async () => {
      await page.getByRole('button', { name: 'Reset' }).press('Enter');
      expect(await page.read.status()).toBe('Ready.');
      expect(await page.read.step()).toBe(0);
      await page.close();
    });
  });

  test('fits a phone, in the dark and without motion', async () => {
    const phone = await open('about:blank');
    await phone.setViewportSize({ width: 390, height: 844 });
    await phone.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await phone.goto(`${served.url}?backend=wasm&batch=8`);
    const width = () => phone.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBe(390);
    const start = phone.getByRole('button', { name: 'Start' });
    expect((await start.boundingBox())?.y).toBeLessThan(800);
    expect(await phone.getByRole('slider').count()).toBe(0);
    await phone.getByText('Settings').click();
    expect(await phone.getByRole('slider').count()).toBe(6);
    expect(await width()).toBe(390);
    await start.click();
    await until(phone, 'some steps', async () => (await phone.read.step()) > 2);
    expect((await phone.read.drawn())[0]?.sam).toBeGreaterThan(0);
    expect(await width()).toBe(390);
    await phone.close();
  });

  test('throws nothing and complains of nothing all along', () => {
    expect(complaints).toEqual([]);
  });

  describe('says in one line what is wrong and what to do', () => {
    const alertAt = async (address: string): Promise<string> => {
      const page = await open(address);
      await page.getByRole('button', { name: 'Start' }).click();
      await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
      const told = await page.read.alert();
      expect(await page.getByRole('button', { name: 'Start' }).count()).toBe(1);
      await page.close();
      return told;
    };

    test('about an address', async () => {
      const page = await open(`${served.url}?rho=-1`);
      expect(await page.read.alert()).toBe('rho must be a number of at least 0, got -1: 0.3 is used.');
      await page.close();
    });

    test('about a WASM module that the server does not have', async () => {
      await browser.context.route('**/*.wasm', (route) => route.fulfill({ status: 404 }));
      expect(await alertAt(`${served.url}?backend=wasm`)).toBe(
        'WASM is not served: /deep/in/a/site/wasm/tfjs-backend-wasm-simd.wasm answers 404. Copy the whole folder that the build made.',
      );
      await browser.context.unroute('**/*.wasm');
    });

    test('about images that the server does not have', async () => {
      await browser.context.route('**/images/test-labels.bin', (route) => route.fulfill({ status: 404 }));
      expect(await alertAt(`${served.url}?backend=wasm`)).toBe(
        'The images are not served: /deep/in/a/site/images/test-labels.bin answers 404. Copy the whole folder that the build made.',
      );
      await browser.context.unroute('**/images/test-labels.bin');
    });

    test('about WebGPU on a page that is not secure', async () => {
      const address = served.url.replace('127.0.0.1', 'insecure.test');
      expect(await alertAt(`${address}?backend=webgpu`)).toBe(
        'WebGPU needs a secure page: open this one by https or on localhost, or choose WASM.',
      );
    });

    test('about a radius that leaves the network behind', async () => {
      const page = await open(`${served.url}?backend=wasm&batch=8&p=inf&rho=0.2`);
      await page.getByRole('button', { name: 'Start' }).click();
      await page.getByText('SAM leaves the network behind. Take ρ = 0.00072 for this p.').waitFor();
      await page.close();
    });

    test('about a loss that is no number any more', async () => {
      expect(await alertAt(`${served.url}?backend=wasm&batch=8&lr=1e30`)).toMatch(/^SGD diverged at step \d/);
    });
  });
});
