import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

const executable = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/** CI installs Chromium where it can: there its absence is a failure, elsewhere the tests are skipped. */
const required = process.env.CI === 'true' && process.getuid?.() === 0;

/** Whether to skip what needs a browser. */
export const withoutBrowser: boolean = executable === undefined && !required;

/** Names a group of tests that need a browser, with the reason where they are skipped. */
export const inChromium = (what: string): string =>
  withoutBrowser ? `${what}: skipped, since there is no Chromium (apt-get install chromium)` : what;

/** A browser with a profile of its own. */
export type Browser = {
  readonly context: BrowserContext;
  /** Ends the process that computes on the GPU, as a driver that crashes does; the browser starts another. */
  readonly killGpu: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Starts Debian's Chromium with a software WebGPU adapter and nothing that reaches for the network. */
export async function launch(): Promise<Browser> {
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
      // Letters without coloured fringes, which look right on every screen and pack better.
      '--disable-lcd-text',
      // A name that is not localhost, so that a page can be had without a secure context.
      '--host-resolver-rules=MAP insecure.test 127.0.0.1',
    ],
  });
  return {
    context,
    async killGpu() {
      const session = await context.browser()?.newBrowserCDPSession();
      const { processInfo = [] } = (await session?.send('SystemInfo.getProcessInfo')) ?? {};
      const gpu = processInfo.find(({ type }) => type === 'GPU');
      if (gpu === undefined) throw new Error('This browser has no process for the GPU.');
      process.kill(gpu.id, 'SIGKILL');
    },
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
