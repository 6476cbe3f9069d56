import type { BrowserContext } from 'playwright-core';
import { launch as launchChromium } from '../../../../tools/chromium.mjs';

export { inChromium, withoutBrowser } from '../../../../tools/vitest/chromium.ts';

/** A browser with a profile of its own. */
export type Browser = {
  readonly context: BrowserContext;
  /** Ends the process that computes on the GPU, as a driver that crashes does; the browser starts another. */
  readonly killGpu: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Starts Debian's Chromium with a software WebGPU adapter and nothing that reaches for the network. */
export async function launch(): Promise<Browser> {
  const { context, close } = await launchChromium([
    // Letters without coloured fringes, which look right on every screen and pack better.
    '--disable-lcd-text',
    // A name that is not localhost, so that a page can be had without a secure context.
    '--host-resolver-rules=MAP insecure.test 127.0.0.1',
  ]);
  return {
    context,
    async killGpu() {
      const session = await context.browser()?.newBrowserCDPSession();
      const { processInfo = [] } = (await session?.send('SystemInfo.getProcessInfo')) ?? {};
      const gpu = processInfo.find(({ type }) => type === 'GPU');
      if (gpu === undefined) throw new Error('This browser has no process for the GPU.');
      process.kill(gpu.id, 'SIGKILL');
    },
    close,
  };
}
