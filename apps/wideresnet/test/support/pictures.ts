import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePng } from '@steppe/datasets/node';

/** Leaves a folder of small pictures of two classes that differ in colour, eight of each. */
export async function pictures(folder: string): Promise<void> {
  for (const [c, name] of ['blue', 'red'].entries()) {
    await mkdir(join(folder, name), { recursive: true });
    for (let i = 0; i < 8; i += 1) {
      const pixels = Uint8Array.from({ length: 20 * 24 * 3 }, (_, at) => (at * (7 + i)) % 120);
      for (let at = c === 0 ? 2 : 0; at < pixels.length; at += 3) pixels[at] = 200;
      await writeFile(join(folder, name, `${i}.png`), await encodePng({ pixels, shape: [20, 24, 3] }));
    }
  }
}
