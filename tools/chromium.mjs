import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

/** The system's Chromium, or a relative of it; undefined where there is none. */
export const executable = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/**
 * Starts Chromium, with a profile of its own, a software WebGPU adapter and nothing that reaches for the network.
 *
 * @param {readonly string[]} [args] - More of its arguments.
 * @returns {Promise<{ context: import('playwright-core').BrowserContext, close: () => Promise<void> }>} The browser.
 * @throws Where Chromium is not installed.
 */
export async function launch(args = []) {
  if (!executable) throw new Error('Chromium is not installed: apt-get install chromium.');
  const profile = mkdtempSync(join(tmpdir(), 'steppe-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executable,
    headless: true,
    viewport: { width: 1280, height: 800 },
    args: [
      '--no-sandbox',
      '--disable-gpu-sandbox',
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  });
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
