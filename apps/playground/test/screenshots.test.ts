import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { buildPage } from './support/build.ts';
import { launch } from './support/chromium.ts';
import { packPng } from './support/pack-png.ts';
import { reading, until } from './support/page.ts';
import { serve } from './support/serve.ts';

const folder = fileURLToPath(new URL('../../../docs/images/', import.meta.url));

// STEPPE_SCREENSHOTS=1 npx vitest run apps/playground/test/screenshots.test.ts
test.runIf(process.env.STEPPE_SCREENSHOTS === '1')('makes the pictures of the docs', { timeout: 900_000 }, async () => {
  const built = await buildPage();
  const [served, browser] = await Promise.all([serve(built), launch()]);
  try {
    const page = await browser.context.newPage();
    const read = reading(page);
    await page.goto(`${served.url}?backend=wasm`);
    await page.getByRole('button', { name: 'Start' }).click();
    await until(page, 'the steps', async () => (await read.step()) >= 400);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.waitForTimeout(2000);
    mkdirSync(folder, { recursive: true });
    const shoot = async (name: string): Promise<void> => {
      // The charts draw themselves anew when they are resized.
      await page.waitForTimeout(500);
      const picture = packPng(await page.screenshot());
      writeFileSync(`${folder}${name}.png`, picture);
      expect(picture.length).toBeLessThan(150_000);
    };
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await shoot('playground-laptop');
    await page.emulateMedia({ colorScheme: 'dark' });
    await shoot('playground-laptop-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByText('Settings').click();
    await page.setViewportSize({ width: 390, height: 844 });
    await shoot('playground-phone');
  } finally {
    await browser.close();
    await served.close();
    rmSync(built.folder, { recursive: true, force: true });
  }
});
