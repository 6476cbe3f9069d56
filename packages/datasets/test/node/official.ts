import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { test } from 'vitest';
import { sha256 } from '../../src/node/content.ts';
import { fashionMnist } from '../../src/node/mnist.ts';
import type { RemoteFile } from '../../src/node/remote-file.ts';

const folder = '/usr/share/datasets/fashion-mnist';

/** Whether Debian's package dataset-fashion-mnist is installed. */
export const installed: boolean = existsSync(`${folder}/train-images-idx3-ubyte.gz`);

/** A test on the official bytes: it is there where they are. */
export const whenInstalled = (name: string, body: () => Promise<void>): void => {
  if (installed) test(name, body);
};

/** Seconds that the authors' gzip noted in the headers. */
const mtime = (name: string): number => (name.startsWith('train') ? 1_504_176_606 : 1_504_176_627);

/** The official bytes of a file of Fashion-MNIST: Debian packed the same stream without name and time, which are put
 * back. */
export function officialBytes(name: string): Uint8Array {
  const debian = readFileSync(`${folder}/${name}`);
  const header = Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]);
  header.writeUInt32LE(mtime(name), 4);
  return new Uint8Array(Buffer.concat([header, Buffer.from(`${name.replace(/\.gz$/, '')}\0`), debian.subarray(10)]));
}

/** A large published file with its bytes: the official training images, or, without Debian's package, one that is made
 * here. */
export function largeFile(): { readonly file: Omit<RemoteFile, 'urls'>; readonly bytes: Uint8Array } {
  const file = fashionMnist.files.find(({ name }) => name === 'train-images-idx3-ubyte.gz');
  if (installed && file !== undefined) return { file, bytes: officialBytes(file.name) };
  return madeFile(26_000_000);
}

/** A gzip of noise, so about as large as what is in it. */
export function madeFile(size: number): { readonly file: Omit<RemoteFile, 'urls'>; readonly bytes: Uint8Array } {
  let state = 1;
  const inside = Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
  const bytes = new Uint8Array(gzipSync(inside, { level: 1 }));
  return { file: { name: 'made.gz', bytes: bytes.length, sha256: sha256(bytes) }, bytes };
}
