import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openRegular, readRegular } from '../src/index.ts';
import { emptyFolder } from './support/children.ts';

const why = (path: string, maxBytes = 100, followLinks = true): Promise<string> =>
  readRegular(path, { maxBytes, followLinks }).then(String, (error: Error) => error.message);

describe('Reading', () => {
  test('gives a file of up to so many bytes, and refuses one that has more', async () => {
    const file = join(emptyFolder(), 'a');
    writeFileSync(file, 'x'.repeat(1234));
    expect(await why(file, 1234)).toBe('x'.repeat(1234));
    expect(await why(file, 1233)).toBe(`${file} must have at most 1,233 bytes, got 1,234.`);
  });

  test('gives files of which the kernel does not know the length', async () => {
    expect(await why('/proc/self/stat', 10_000)).toMatch(/^\d+ \(/);
    expect(await why('/proc/self/stat', 10)).toBe('/proc/self/stat must have at most 10 bytes, got more.');
  });

  test('names the file of which the disk gives nothing', async () => {
    expect(await why('/proc/self/mem')).toBe('/proc/self/mem cannot be read (EIO: i/o error).');
  });

  test('refuses at once a FIFO that nobody writes to, a socket, a device and a folder', async () => {
    const folder = emptyFolder();
    const at = (name: string): string => join(folder, name);
    execFileSync('mkfifo', [at('fifo')]);
    mkdirSync(at('sub'));
    const server = createServer().listen(at('socket'));
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    expect(await why(at('fifo'))).toBe(`${at('fifo')} must be a file, got a FIFO.`);
    expect(await why(at('socket'))).toBe(`${at('socket')} must be a file, got a socket.`);
    expect(await why('/dev/zero')).toBe('/dev/zero must be a file, got a device.');
    expect(await why(at('sub'))).toBe(`${at('sub')} must be a file, got a folder.`);
    expect(await why(at('missing'))).toBe(`${at('missing')} cannot be read (ENOENT: no such file or directory).`);
  });

  test('follows a link, or refuses it where that is asked for', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'a'), 'text');
    symlinkSync('a', join(folder, 'link'));
    expect(await why(join(folder, 'link'))).toBe('text');
    expect(await why(join(folder, 'link'), 100, false)).toBe(
      `${join(folder, 'link')} must be a file, got a symbolic link.`,
    );
  });

  test('of an open file is left to the caller, who may look at it first', async () => {
    const file = join(emptyFolder(), 'a');
    writeFileSync(file, 'text');
    const handle = await openRegular(file, { maxBytes: 4 });
    appendFileSync(file, ' and more');
    expect((await handle.stat()).size).toBe(13);
    await handle.close();
  });
});
