import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { content, readVerified, sha256 } from '../../src/node/content.ts';
import type { RemoteFile } from '../../src/node/remote-file.ts';
import { emptyFolder } from './folder.ts';

const inside = Buffer.from('0123456789'.repeat(100));
const packed = gzipSync(inside, { level: 9 });
const packedAnew = gzipSync(inside, { level: 1 });
const plain: RemoteFile = { name: 'a.gz', urls: [], bytes: packed.length, sha256: sha256(packed) };
const known: RemoteFile = { ...plain, unpacked: { bytes: inside.length, sha256: sha256(inside) } };
const hashless: RemoteFile = { ...plain, unpacked: { bytes: inside.length } };

describe('The content of a published file', () => {
  test('is a plain array, which copies when it is sliced', async () => {
    for (const file of [plain, known]) expect((await content(file, packed)).constructor).toBe(Uint8Array);
  });

  test('is its bytes, or what they unpack to', async () => {
    expect(Buffer.compare(await content(plain, packed), packed)).toBe(0);
    expect(Buffer.compare(await content(known, packed), inside)).toBe(0);
    expect(Buffer.compare(await content(hashless, packed), inside)).toBe(0);
  });

  test('may be packed anew only where the hash of what is inside is known', async () => {
    expect(Buffer.compare(await content(known, packedAnew), inside)).toBe(0);
    await expect(content(hashless, packedAnew)).rejects.toThrow(/SHA-256 \w{64}, expected \d+ with \w{64}/);
    await expect(content(plain, packedAnew)).rejects.toThrow('expected');
  });

  test.each([
    ['a flipped bit', Buffer.from(packed.map((byte, i) => (i === 30 ? byte ^ 4 : byte)))],
    ['a page of HTML', Buffer.from('<html>')],
    ['nothing', Buffer.alloc(0)],
    ['other contents', gzipSync(Buffer.alloc(inside.length))],
    ['a bomb', gzipSync(Buffer.alloc(1 << 26))],
  ])('is never %s', async (_, bytes) => {
    for (const file of [plain, known, hashless]) await expect(content(file, bytes)).rejects.toThrow(file.sha256);
  });
});

test('A bomb is stopped at the known size, not unpacked and then refused', async () => {
  await expect(content(known, gzipSync(Buffer.alloc(1 << 24)))).rejects.toThrow('does not unpack to 1,000 bytes');
});

describe('A file on the disk', () => {
  test('is good, missing, or damaged with its name and the reason', async () => {
    const folder = await emptyFolder();
    const path = join(folder, 'a.gz');
    expect(await readVerified(path, known)).toEqual({ state: 'missing' });
    expect(await readVerified(join(path, 'b'), known)).toEqual({ state: 'missing' });
    await writeFile(path, packed);
    expect(await readVerified(path, known)).toMatchObject({ state: 'good' });
    expect(await readVerified(join(path, 'b'), known)).toEqual({ state: 'missing' });
    await writeFile(path, packed.subarray(1));
    const damaged = await readVerified(path, known);
    expect(damaged).toMatchObject({
      state: 'damaged',
      why: expect.stringContaining(`${path} has ${packed.length - 1} bytes`),
    });
    await writeFile(path, Buffer.alloc(packed.length + 65_537));
    expect(await readVerified(path, known)).toMatchObject({
      state: 'damaged',
      why: expect.stringMatching(/ must have at most 65,\d{3} bytes, got 65,\d{3}$/),
    });
  });

  test('is refused at once when it is a folder, a device or a FIFO that nobody writes to', async () => {
    const folder = await emptyFolder();
    await mkdir(join(folder, 'folder'));
    await symlink('/dev/zero', join(folder, 'device'));
    execFileSync('mkfifo', [join(folder, 'FIFO')]);
    for (const kind of ['folder', 'device', 'FIFO'])
      expect(await readVerified(join(folder, kind), known)).toEqual({
        state: 'damaged',
        why: `${join(folder, kind)} must be a file, got a ${kind}`,
      });
  });

  test('may be a link to where the bytes are', async () => {
    const folder = await emptyFolder();
    await writeFile(join(folder, 'far.gz'), packed);
    await symlink('far.gz', join(folder, 'a.gz'));
    expect(await readVerified(join(folder, 'a.gz'), known)).toMatchObject({ state: 'good' });
  });
});
