import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { emptyFolder } from '../folder.ts';

/** A small JPEG of one colour with a darker left half. */
export function picture(n: number): Promise<Buffer> {
  const known = made.get(n) ?? make(n);
  made.set(n, known);
  return known;
}

const made = new Map<number, Promise<Buffer>>();

const make = (n: number): Promise<Buffer> =>
  sharp({
    create: { width: 20, height: 16, channels: 3, background: { r: (n * 40) % 256, g: 255 - ((n * 25) % 256), b: 90 } },
  })
    .composite([{ input: { create: { width: 5, height: 8, channels: 3, background: '#123' } }, left: 0, top: 0 }])
    .jpeg()
    .toBuffer();

/** Writes files by name below a new folder that goes with the test; a number is a picture of that colour. */
export async function folderOf(files: Readonly<Record<string, number | string | Uint8Array>>): Promise<string> {
  const root = await emptyFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), typeof content === 'number' ? await picture(content) : content);
  }
  return root;
}

/** `count` pictures in each folder. */
export const pictures = (count: number, ...folders: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    folders.flatMap((folder, f) =>
      Array.from({ length: count }, (_, i) => [`${folder}/${i}.jpg`, f * count + i] as const),
    ),
  );
