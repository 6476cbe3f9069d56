import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { packPng } from '../../../apps/playground/test/support/pack-png.ts';
import { cli } from '../../../apps/wideresnet/test/support/cli.ts';
import { launch } from '../../../tools/chromium.mjs';
import { packagesBuilt } from '../../../tools/vitest/packages-built.ts';
import { serve } from '../src/server/serve.ts';
import { newFolder } from './support/runs.ts';

const pictures = fileURLToPath(new URL('../../../docs/images/', import.meta.url));

/** Begins a real run on the images that come with the code. */
function train(folder: string, name: string, ...args: readonly string[]) {
  const common = ['train', '--preset', 'fashion-mini', '--backend', 'wasm', '--limit', '480', '--batch', '16'];
  const child = spawn(process.execPath, [cli, ...common, '--out', join(folder, name), ...args], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

// STEPPE_SCREENSHOTS=1 npx vitest run packages/watch/test/screenshots.test.ts
test.runIf(process.env.STEPPE_SCREENSHOTS === '1')('makes the pictures of the docs', { timeout: 900_000 }, async () => {
  await packagesBuilt();
  const folder = newFolder();
  for (const rho of ['0.05', '0.2'])
    await once(train(folder, `sam-rho-${rho}`, '--rho', rho, '--epochs', '4', '--compare', 'sgd'), 'exit');
  train(folder, 'sam-rho-0.1', '--rho', '0.1', '--epochs', '40', '--compare', 'none');
  const served = await serve(folder, { port: 0 });
  const browser = await launch(['--disable-lcd-text']);
  try {
    const page = await browser.context.newPage();
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.goto(`${served.url}?detail=coarse&x=gradients`);
    await page.getByText(/step (6|7|8|9)\d of 1,200/).waitFor({ timeout: 300_000 });
    mkdirSync(pictures, { recursive: true });
    const shoot = async (name: string): Promise<void> => {
      // The charts draw themselves anew when they are resized.
      await page.waitForTimeout(1000);
      const picture = packPng(await page.screenshot());
      writeFileSync(`${pictures}${name}.png`, picture);
      expect(picture.length).toBeLessThan(200_000);
    };
    await shoot('watch-laptop');
    await page.emulateMedia({ colorScheme: 'dark' });
    await shoot('watch-laptop-dark');
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: 'light' });
    await shoot('watch-phone');
  } finally {
    await browser.close();
    await served.close();
  }
});
