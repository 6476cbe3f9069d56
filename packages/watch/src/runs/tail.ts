import { lstat } from 'node:fs/promises';
import { codeOf, openRegular } from '@steppe/files';

/** Who gets what a file says. */
export type Lines = {
  /** One whole line, with its number from 1 on. */
  line(text: string, number: number): void;
  /** A line that is too long for a record was left out. */
  tooLong(number: number): void;
  /** All lines so far are void: the file was cut, or is another one. */
  restart(): void;
};

/** What came of a reading: bytes taken, bytes that are left, and when the file last changed in Unix milliseconds. */
export type Reading = { readonly taken: number; readonly unread: number; readonly changed: number };

/** Reads at most about so many bytes of what the file has grown by; nothing where there is no file. */
export type Tail = (most: number) => Promise<Reading>;

/** No record is as long as this; a line that is belongs to another kind of file. */
const chunkBytes = 1 << 20;

/** How many bytes before the place where the reading ended must be the same at the next one. */
const guardBytes = 256;

const newline = 0x0a;

/**
 * Follows a file of lines that grows: each reading begins where the last whole line ended, so that half a line at the
 * end waits for its other half.
 *
 * A file that was cut and has grown again is noticed by the bytes before that place, which are no longer the same.
 */
export function openTail(path: string, lines: Lines): Tail {
  let offset = 0;
  let number = 0;
  let skipping = false;
  let guard: Buffer = Buffer.alloc(0);
  let seen = '';

  const take = (bytes: Buffer): void => {
    offset += bytes.length;
    guard = Buffer.from(bytes.subarray(-guardBytes));
  };
  const restart = (): void => {
    [offset, number, skipping, guard] = [0, 0, false, Buffer.alloc(0)];
    lines.restart();
  };
  /** Takes the whole lines of some bytes; without one, and with the bytes as many as they may be, all of them. */
  const takeLines = (bytes: Buffer): boolean => {
    let start = 0;
    if (skipping) {
      start = bytes.indexOf(newline) + 1;
      skipping = start === 0;
    }
    const end = skipping ? 0 : bytes.lastIndexOf(newline) + 1;
    if (end > start)
      for (const text of bytes.toString('utf8', start, end - 1).split('\n')) {
        number += 1;
        lines.line(text, number);
      }
    if (end > 0) take(bytes.subarray(0, end));
    else if (bytes.length === chunkBytes) {
      if (!skipping) {
        number += 1;
        lines.tooLong(number);
      }
      skipping = true;
      take(bytes);
    } else return false;
    return true;
  };

  return async (most) => {
    const found = await lstat(path).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
    if (found === undefined) {
      if (offset > 0) restart();
      return { taken: 0, unread: 0, changed: 0 };
    }
    const mark = `${found.ino} ${found.size} ${found.mtimeMs}`;
    if (mark === seen) return { taken: 0, unread: 0, changed: found.mtimeMs };
    const handle = await openRegular(path, { maxBytes: Number.MAX_SAFE_INTEGER, followLinks: false });
    try {
      const { size, mtimeMs } = await handle.stat();
      const before = Buffer.alloc(guard.length);
      await handle.read(before, 0, guard.length, offset - guard.length);
      if (size < offset || !before.equals(guard)) restart();
      const bytes = Buffer.allocUnsafe(chunkBytes);
      const begin = offset;
      while (offset < begin + most) {
        const { bytesRead } = await handle.read(bytes, 0, chunkBytes, offset);
        if (!takeLines(bytes.subarray(0, bytesRead)) || bytesRead < chunkBytes) {
          seen = mark;
          return { taken: offset - begin, unread: 0, changed: mtimeMs };
        }
      }
      return { taken: offset - begin, unread: Math.max(0, size - offset), changed: mtimeMs };
    } finally {
      await handle.close();
    }
  };
}
