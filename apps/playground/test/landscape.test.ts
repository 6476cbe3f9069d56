import { rmSync } from 'node:fs';
import { useBackend } from '@steppe/backends';
import { hessian, lambdaMax } from '@steppe/sharpness';
import { dispose } from '@steppe/tree';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaults } from '../src/settings.ts';
import { contest, type Pair } from '../src/training/contest.ts';
import { type Built, buildPage } from './support/build.ts';
import { type Browser, inChromium, launch, withoutBrowser } from './support/chromium.ts';
import { type Reading, reading, until } from './support/page.ts';
import { type Served, serve } from './support/serve.ts';
import { fewImages, splits } from './support/shipped.ts';

declare global {
  /** Only in the page: what was told of λ_max. */
  var heard: string[];
}

/** Few and small, so that a survey takes a second. */
const files = fewImages(16, 4);
const settings = { ...defaults, batch: 8, m: 4, noise: 0 };
const address = 'backend=wasm&batch=8&m=4&noise=0';

/** λ_max of both after some steps, by the package alone: from another start, and a hundred times as near. */
async function lambdaMaxInNode(rho: number, steps: number, name: keyof Pair): Promise<number> {
  const race = await contest({ ...settings, rho }, splits(files));
  for (let i = 0; i < steps; i++) await race.step();
  const { start, ...both } = race.standing();
  const { value } = await lambdaMax(hessian(race.loss, both[name], [race.few]), { tolerance: 1e-3 });
  dispose(start, both.sgd, both.sam);
  race.dispose();
  return value;
}

describe.skipIf(withoutBrowser)(inChromium('the landscape of the page'), { timeout: 120_000 }, () => {
  let built: Built;
  let served: Served;
  let browser: Browser;
  let page: Page;
  let read: Reading;
  const complaints: string[] = [];
  const scripts: string[] = [];

  const open = async (query: string): Promise<Page> => {
    const opened = await browser.context.newPage();
    opened.on('pageerror', ({ message }) => complaints.push(message));
    opened.on('request', (request) => scripts.push(request.url()));
    for (const [name, body] of Object.entries(files))
      await opened.route(`**/images/${name}`, (route) => route.fulfill({ body }));
    await opened.goto(`${served.url}?${query}`);
    return opened;
  };
  const told = async (title: string): Promise<string> =>
    (await page.getByRole('img', { name: new RegExp(`^${title}\\. `) }).getAttribute('aria-label')) ?? '';
  /** What is told of λ_max, from the first after this call on. */
  const listen = (): Promise<void> =>
    page.evaluate(() => {
      globalThis.heard = [];
      const plot = document.querySelector('[aria-label^="λ"]') as Element;
      new MutationObserver(() => globalThis.heard.push(plot.getAttribute('aria-label') as string)).observe(plot, {
        attributeFilter: ['aria-label'],
      });
    });
  const heard = (): Promise<readonly string[]> =>
    page.evaluate(() => globalThis.heard.filter((text) => /At step/.test(text)));
  const parsed = (text: string): { step: number; lambdaMax: Pair; bound: Pair } => {
    const [step, sgd, offSgd, sam, offSam] = (
      /At step (\d+): SGD (\S+) ± (\S+), SAM (\S+) ± (\S+)\.$/.exec(text)?.slice(1) ?? []
    ).map(Number) as [number, number, number, number, number];
    return { step, lambdaMax: { sgd, sam }, bound: { sgd: offSgd, sam: offSam } };
  };
  /** Asserts that what the page tells is λ_max, within the bound and a percent. */
  const isLambdaMax = async (text: string, rho: number, name: keyof Pair): Promise<void> => {
    const told = parsed(text);
    const node = await lambdaMaxInNode(rho, told.step, name);
    const off = Math.abs(told.lambdaMax[name] - node);
    // The page rounds both to two digits behind the point.
    expect(off).toBeLessThan(told.bound[name] + 0.02);
    expect(off).toBeLessThan(0.02 * node + 0.02);
  };

  beforeAll(async () => {
    built = await buildPage();
    [served, browser] = await Promise.all([serve(built), launch()]);
    page = await open(`${address}&landscape=off`);
    read = reading(page);
    await useBackend('wasm');
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    if (built) rmSync(built.folder, { recursive: true, force: true });
  });

  const ofSurveys = () => scripts.filter((url) => /\/(survey|contours)-[^/]*\.js$/.test(url));

  test('is neither measured nor loaded where it is not wanted', async () => {
    await page.getByRole('button', { name: 'Start' }).click();
    await until(page, 'some steps', async () => (await read.step()) > 5);
    expect(await read.drawn()).toHaveLength(4);
    expect(ofSurveys()).toEqual([]);
  });

  test('is measured at the press of a key, beside the training', async () => {
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByRole('group', { name: 'Landscape' }).getByRole('radio', { name: 'Off' }).press('ArrowLeft');
    await until(page, 'the address', async () => (await read.query('landscape')) === 'on');
    expect(await told('Landscape')).toBe('Landscape. Nothing is measured yet.');
    await listen();
    await page.getByRole('button', { name: 'Start' }).press('Enter');
    await until(page, 'a landscape', async () => /At step/.test(await told('Landscape')));
    expect(await read.step()).toBeGreaterThan(2);
    expect(await told('Landscape')).toMatch(
      /^Landscape\. At step \d+ the loss is \S+ to \S+\. SGD is \S+ from the start, SAM \S+, and they are \S+ apart\.$/,
    );
    await until(page, 'a picture', async () => {
      const picture = (await read.drawn()).at(-1);
      return picture !== undefined && Math.min(picture.sgd, picture.sam) > 40;
    });
    expect(new Set(ofSurveys()).size).toBe(2);
  });

  test('comes with the λ_max that the package finds for the same weights and images', async () => {
    const [first = ''] = await heard();
    await isLambdaMax(first, settings.rho, 'sgd');
    await isLambdaMax(first, settings.rho, 'sam');
    await until(page, 'the same number in the table', async () => {
      const shown = parsed(await told('λₘₐₓ'));
      return (await read.row('SAM'))[3] === shown.lambdaMax.sam;
    });
  });

  test('is of the run that is shown: other settings drop what was under way', async () => {
    await page.getByRole('slider', { name: /^ρ/ }).press('ArrowRight');
    await until(page, 'the address', async () => (await read.query('rho')) === '0.5');
    await listen();
    await until(page, 'λ_max', async () => (await heard()).length > 0);
    const [first = ''] = await heard();
    expect(parsed(first).step).toBe(1);
    await isLambdaMax(first, 0.5, 'sam');
  });

  test('rests at a pause, goes on after it, and is gone after Reset', async () => {
    await until(page, 'a landscape', async () => /At step/.test(await told('Landscape')));
    await page.getByRole('button', { name: 'Pause' }).click();
    await until(page, 'the pause', async () => (await read.status()) === `Paused at step ${await read.step()}.`);
    await page.waitForTimeout(500);
    const [rested, seen] = [await told('λₘₐₓ'), await told('Landscape')];
    await page.waitForTimeout(1000);
    expect([await told('λₘₐₓ'), await told('Landscape')]).toEqual([rested, seen]);
    await page.getByRole('button', { name: 'Resume' }).click();
    await until(page, 'more', async () => (await told('λₘₐₓ')) !== rested && (await told('Landscape')) !== seen);
    await page.getByRole('button', { name: 'Reset' }).click();
    expect(await told('λₘₐₓ')).toMatch(/Nothing is measured yet\.$/);
    expect(await told('Landscape')).toMatch(/Nothing is measured yet\.$/);
    expect(await read.status()).toBe('Ready.');
  });

  test('is gone when it is turned off amid a survey, and begins anew', async () => {
    const choose = (name: string) =>
      page.getByRole('group', { name: 'Landscape' }).getByRole('radio', { name }).check();
    await page.getByRole('button', { name: 'Start' }).click();
    await until(page, 'a landscape', async () => /At step/.test(await told('Landscape')));
    await choose('Off');
    const steps = await read.step();
    await until(page, 'more steps', async () => (await read.step()) > steps + 2);
    expect(await read.drawn()).toHaveLength(4);
    await choose('On');
    expect(await told('Landscape')).toMatch(/Nothing is measured yet\.$/);
    await until(page, 'a landscape', async () => /At step/.test(await told('Landscape')));
    expect(Number(/At step (\d+)/.exec(await told('Landscape'))?.[1])).toBeGreaterThan(steps);
    await page.close();
  });

  test('says what is wrong with the address, or with what the server has', async () => {
    page = await open(`${address}&landscape=flat`);
    read = reading(page);
    expect(await read.alert()).toBe('landscape must be on or off, got flat: on is used.');
    await page.route('**/contours-*.js', (route) => route.fulfill({ status: 404 }));
    await page.goto(`${served.url}?${address}`);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('The script that draws it is not served: reload the page.').waitFor();
    await browser.context.route('**/survey-*.js', (route) => route.fulfill({ status: 404 }));
    await page.goto(`${served.url}?${address}`);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
    expect(await read.alert()).toBe(
      'The script that measures the landscape is not served: copy the whole folder that the build made, or turn the landscape off.',
    );
    await browser.context.unroute('**/survey-*.js');
  });

  test('throws nothing that the page does not catch', () => {
    expect(complaints).toEqual([]);
  });
});
