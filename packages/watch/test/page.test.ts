import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { withLock } from '@steppe/files';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { launch } from '../../../tools/chromium.mjs';
import { inChromium, withoutBrowser } from '../../../tools/vitest/chromium.ts';
import { packagesBuilt } from '../../../tools/vitest/packages-built.ts';
import { loadAssets } from '../src/server/assets.ts';
import { type Served, serve } from '../src/server/serve.ts';
import { append, evaluationLine, makeRun, newFolder, stepLine, stepLines } from './support/runs.ts';

/** A name that would run, were it ever taken for markup. */
const script = '<script>document.title=1<';

describe.skipIf(withoutBrowser)(inChromium('the page'), { timeout: 120_000 }, () => {
  let folder: string;
  let served: Served;
  let browser: Awaited<ReturnType<typeof launch>>;
  let page: Page;
  const complaints: string[] = [];
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });

  const open = async (address: string): Promise<Page> => {
    const opened = await browser.context.newPage();
    opened.on('pageerror', ({ message }) => complaints.push(message));
    opened.on('console', (message) => {
      // Reading pixels back is this test's doing, not the page's.
      const ours = /^Canvas2D: Multiple readback|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED/.test(message.text());
      if (['error', 'warning'].includes(message.type()) && !ours) complaints.push(message.text());
    });
    await opened.goto(address);
    return opened;
  };
  const chart = (title: string) => page.getByRole('img', { name: new RegExp(`^${title}\\.`) });
  const run = (name: string) => page.getByRole('checkbox', { name: new RegExp(name) });
  const list = () => page.getByRole('list', { name: 'Runs' });
  const asks = (text: string) => page.waitForURL((url) => url.search.includes(text));
  const width = (of: Page) => of.evaluate(() => document.documentElement.scrollWidth);
  const focused = () => page.evaluate(() => document.activeElement?.closest('label')?.textContent ?? '');
  /** How many pixels of the chart of that place are of the colour of the run that was the n-th to be shown. */
  const pixels = (place: number, n: number) =>
    page.evaluate(
      ([at = 0, color = 0]) => {
        const canvas = document.querySelectorAll('canvas')[at] as HTMLCanvasElement;
        const hex = getComputedStyle(document.documentElement).getPropertyValue(`--run-${color}`).trim().slice(1);
        const [r, g, b] = [0, 2, 4].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));
        const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(
          0,
          0,
          canvas.width,
          canvas.height,
        );
        let found = 0;
        for (let i = 0; i < data.length; i += 4)
          if (data[i] === r && data[i + 1] === g && data[i + 2] === b) found += 1;
        return found;
      },
      [place, n],
    );
  /** Waits for the n-th run's curve in the first chart, which comes a frame or more after its canvas. */
  const drawn = (n: number) => expect.poll(() => pixels(0, n), { timeout: 30_000 }).toBeGreaterThan(20);
  /** Opens the page as one that comes to it first: the tests do not build on the choices of each other. */
  const reopen = async (): Promise<void> => {
    await page.goto(served.url);
    await drawn(0);
  };

  beforeAll(async () => {
    folder = newFolder(afterAll);
    makeRun(join(folder, 'sam'), `${stepLines(1, 60)}${evaluationLine(60, 0.125)}`, {
      options: { rho: 0.05, lr: 0.1, batch: 8 },
      steps: 100,
    });
    makeRun(join(folder, 'sgd'), stepLines(1, 40, 2), { options: { rho: 0, lr: 0.1, batch: 8 }, steps: 40 });
    writeFileSync(join(folder, 'sgd', 'summary.json'), '{ "status": "complete", "steps": 40 }');
    makeRun(join(folder, script), `${stepLines(1, 9, 3)}no record\n`);
    writeFileSync(join(folder, script, 'summary.json'), '{ "status": "complete", "steps": 9 }');
    // Runs as long as this test.
    void withLock(join(folder, 'sam', 'run.lock'), () => held);
    await packagesBuilt();
    [served, browser] = await Promise.all([serve(folder, { port: 0 }), launch()]);
    page = await open(served.url);
    await page.getByText('3 runs, 1 running.').waitFor();
  });
  afterAll(async () => {
    release();
    await browser?.close();
    await served?.close();
  });

  test('shows every run with its state, its progress and its result', async () => {
    const texts = (await list().getByRole('listitem').allTextContents()).map((text) => text.replace(/\s+/g, ' '));
    expect(texts).toHaveLength(3);
    expect(texts.find((text) => text.startsWith('sam'))).toMatch(
      /12.5 % test error ?running ?step 60 of 100, 4 s left/,
    );
    expect(texts.find((text) => text.startsWith('sgd'))).toMatch(/complete ?step 40, 4 s/);
    expect(texts.find((text) => text.startsWith(script))).toContain('complete');
    expect(await page.title()).toBe('Runs · Steppe');
  });

  test('draws the runs over each other, and tells those who do not see the curves', async () => {
    await chart('Loss').waitFor();
    for (const title of ['Loss', 'Test error', 'Sharpness', 'Images per second'])
      expect(await chart(title).count()).toBe(1);
    expect(await chart('Test error').getAttribute('aria-label')).toBe('Test error. sam 12.5 %.');
    expect(await chart('Loss').getAttribute('aria-label')).toContain('sam at w + ε̂ 0.1167');
    for (const n of [0, 1, 2]) await drawn(n);
  });

  test('tells in which options they differ, and which files it leaves out', async () => {
    const head = await page.getByRole('columnheader').allTextContents();
    expect(head.slice(0, 2)).toEqual(['run', 'rho']);
    expect(head).not.toContain('batch');
    const [cell] = await page
      .getByRole('row', { name: /^ ?sam/ })
      .getByRole('cell')
      .allTextContents();
    expect(cell).toBe('0.05');
    await page.getByText('line 10: A run record is a line of JSON, got "no record".').waitFor();
  });

  test('is used by keyboard alone', async () => {
    await page.getByRole('searchbox', { name: 'Filter runs' }).focus();
    await page.keyboard.type('rho=0.05');
    await list().getByRole('listitem').nth(1).waitFor({ state: 'detached' });
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.press('Delete');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.matches('.runs input:focus-visible'))).toBe(true);
    const names = ['sam', 'sgd', script];
    const first = await focused();
    await page.keyboard.press('ArrowDown');
    const second = await focused();
    expect(names.some((name) => first.startsWith(name))).toBe(true);
    expect(second).not.toBe(first);
    const name = names.find((one) => second.startsWith(one)) ?? '';
    await page.keyboard.press('Space');
    expect(await run(name.replace(/[^\w]/g, '.')).isChecked()).toBe(false);
    await page.waitForFunction((gone) => !document.querySelector('.plot')?.ariaLabel?.includes(gone), name);
    await page.keyboard.press('Space');
    await page.waitForFunction((back) => document.querySelector('.plot')?.ariaLabel?.includes(back), name);
  });

  test('compares by steps, by gradients and by time, and keeps the choice in the address', async () => {
    await page.getByRole('radio', { name: 'Steps' }).focus();
    await page.keyboard.press('ArrowRight');
    await asks('x=gradients');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('radio', { name: 'Fine' }).check();
    await page.getByRole('checkbox', { name: 'Logarithmic' }).check();
    await run('sgd').uncheck();
    await page.waitForURL(
      ({ search }) => search.includes('?x=seconds&y=log&detail=fine&run=') && !/run=sgd/.test(search),
    );
    await page.reload();
    await chart('Loss').waitFor();
    expect(await page.getByRole('radio', { name: 'Time' }).isChecked()).toBe(true);
    expect(await page.getByRole('checkbox', { name: 'Logarithmic' }).isChecked()).toBe(true);
    expect(await run('sgd').isChecked()).toBe(false);
    expect(await run('sam').isChecked()).toBe(true);
    await drawn(0);
  });

  test('shows values beside the pointer, on every chart a line', async () => {
    await reopen();
    await chart('Loss').hover();
    await page.locator('.tooltip:visible').waitFor();
    expect(await page.locator('.tooltip:visible').count()).toBe(1);
    expect(await page.locator('.tooltip:visible').textContent()).toMatch(/^\d+0\.\d+ /);
    await page.mouse.move(0, 0);
  });

  test('follows a run that goes on, and one that begins', async () => {
    await reopen();
    append(join(folder, 'sam'), `${stepLines(61, 70)}${evaluationLine(70, 0.0625)}`);
    await page.getByRole('img', { name: 'Test error. sam 6.25 %.' }).waitFor();
    append(join(folder, 'sam'), stepLine(71).slice(0, 30));
    makeRun(join(folder, 'new'), stepLines(1, 5));
    await page.getByText(/^4 runs, /).waitFor();
    await run('new').waitFor();
    await page.waitForFunction(() => document.querySelector('.plot')?.ariaLabel?.includes('new 0.2'));
    append(join(folder, 'sam'), stepLine(71).slice(30));
    await page.getByText('step 71 of 100').waitFor();
  });

  test('fits a phone, in the dark and without motion', async () => {
    const phone = await open('about:blank');
    await phone.setViewportSize({ width: 390, height: 844 });
    await phone.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await phone.goto(served.url);
    await phone.getByRole('img', { name: /^Loss/ }).waitFor();
    expect(await width(phone)).toBe(390);
    expect(await phone.getByRole('searchbox').count()).toBe(0);
    await phone.getByText('Which runs').click();
    await phone.getByRole('searchbox').waitFor();
    expect(await width(phone)).toBe(390);
    const [paper, moves] = await phone.evaluate(() => [
      getComputedStyle(document.body).backgroundColor,
      document.getAnimations().length,
    ]);
    expect(paper).toBe('rgb(22, 24, 28)');
    expect(moves).toBe(0);
    await phone.close();
  });

  test('throws nothing and complains of nothing all along, whatever a folder is called', () => {
    expect(complaints).toEqual([]);
  });

  test('says that the server is gone, and goes on when it is back', async () => {
    const { port } = served;
    await served.close();
    await page.getByRole('alert').filter({ hasText: 'The server does not answer' }).waitFor();
    rmSync(join(folder, 'new'), { recursive: true });
    appendFileSync(join(folder, 'sam', 'metrics.jsonl'), stepLine(72));
    served = await serve(folder, { port });
    expect(served.port).toBe(port);
    await page.getByText('step 72 of 100').waitFor();
    expect(await page.getByRole('alert').textContent()).toBe('');
  });
});

test('the page stays within its budget, in bytes of brotli', async () => {
  await packagesBuilt();
  const { files, html } = await loadAssets();
  const weigh = (text: string): number => brotliCompressSync(text).length;
  const sizeOf = (pattern: RegExp): number =>
    [...files].reduce((sum, [path, { body }]) => sum + (pattern.test(path) ? weigh(body) : 0), weigh(html));
  expect(sizeOf(/^\/page\/|\.css$/)).toBeLessThan(15_500);
  expect(sizeOf(/./)).toBeLessThan(59_000);
});
