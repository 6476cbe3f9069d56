import type { Page } from 'playwright-core';

/** What a visitor reads off the page. */
export const reading = (page: Page) => ({
  /** Steps made. */
  step: async (): Promise<number> => {
    const text = (await page.locator('.foot').textContent()) ?? '';
    return Number(/^Step ([\d,]+)/.exec(text)?.[1]?.replaceAll(',', ''));
  },
  /** Tensors on the device. */
  tensors: async (): Promise<number> =>
    Number(/(\d+) tensors/.exec((await page.locator('.foot').textContent()) ?? '')?.[1]),
  status: async (): Promise<string> => (await page.getByRole('status').first().textContent()) ?? '',
  alert: async (): Promise<string> => (await page.getByRole('alert').textContent()) ?? '',
  /** The row of an optimizer in the table: loss, accuracy, sharpness, gradients. */
  row: async (name: 'SGD' | 'SAM'): Promise<readonly number[]> => {
    const cells = await page
      .getByRole('row', { name: new RegExp(`^${name}`) })
      .getByRole('cell')
      .allTextContents();
    return cells.map((cell) => Number.parseFloat(cell.replaceAll(',', '')));
  },
  /** A setting in the address. */
  query: (name: string): Promise<string | null> =>
    page.evaluate((key) => new URLSearchParams(location.search).get(key), name),
  focused: (): Promise<string> =>
    page.evaluate(() => {
      const element = document.activeElement as HTMLElement | null;
      if (element === null || element === document.body) return '';
      return (
        element.getAttribute('aria-label') ??
        element.closest('label')?.textContent ??
        element.textContent ??
        ''
      ).trim();
    }),
  /** For every chart, how many pixels of its canvas are drawn in each of the two colours. */
  drawn: () =>
    page.evaluate(() =>
      [...document.querySelectorAll('canvas')].map((canvas) => {
        const style = getComputedStyle(document.documentElement);
        const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(
          0,
          0,
          canvas.width,
          canvas.height,
        );
        const count = (name: string): number => {
          const hex = style.getPropertyValue(name).trim().slice(1);
          const [r, g, b] = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
          let found = 0;
          for (let i = 0; i < data.length; i += 4)
            if (data[i] === r && data[i + 1] === g && data[i + 2] === b) found += 1;
          return found;
        };
        return { sgd: count('--sgd'), sam: count('--sam') };
      }),
    ),
});

export type Reading = ReturnType<typeof reading>;

/** Waits until something on the page holds; a page that tells of an error is not waited for. */
export async function until(page: Page, what: string, holds: () => Promise<boolean>): Promise<void> {
  const { alert } = reading(page);
  while (!(await holds())) {
    const told = await alert();
    if (told) throw new Error(`While waiting for ${what}, the page said: ${told}`);
    await page.waitForTimeout(100);
  }
}
