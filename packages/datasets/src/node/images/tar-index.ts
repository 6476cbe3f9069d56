import { type FileHandle, open } from 'node:fs/promises';
import { FileError, printable } from '@steppe/files';

/** A file in a tar archive that is not packed: its bytes lie there as they are. */
export type TarEntry = { readonly name: string; readonly at: number; readonly bytes: number };

const block = 512;
const text = (bytes: Buffer): string =>
  String(bytes.subarray(0, bytes.indexOf(0) === -1 ? undefined : bytes.indexOf(0)));

/** A number of a header: octal digits, or, of what is larger than 8 GiB, big-endian bytes behind a first bit. */
function numberOf(field: Buffer): number {
  if (((field[0] as number) & 0x80) === 0) return Number.parseInt(text(field).trim() || '0', 8);
  return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
}

/** The sum of a header's bytes, its own field counted as blanks. */
const checksum = (header: Buffer): number =>
  header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0);

type Header = { readonly name: string; readonly bytes: number; readonly kind: string };

function headerOf(header: Buffer): Header | undefined {
  if (numberOf(header.subarray(148, 156)) !== checksum(header)) return undefined;
  const isUstar = header.subarray(257, 262).equals(Buffer.from('ustar'));
  // Behind the magic of GNU, which ends in two blanks, there are times where others have the front of a long name.
  const front = isUstar && header[262] === 0 ? text(header.subarray(345, 500)) : '';
  const name = text(header.subarray(0, 100));
  const kind = String.fromCharCode(header[156] as number);
  return { name: front === '' ? name : `${front}/${name}`, bytes: numberOf(header.subarray(124, 136)), kind };
}

const files = new Set(['0', '\0', '7']);
/** Folders, and the records of POSIX archives that tell of times. */
const skipped = new Set(['5', 'g', 'x']);

/**
 * Goes over the headers of a tar archive, or of one that lies in a part of a file, without reading what is between.
 *
 * @throws When it is damaged, cut short, or holds anything but files and folders.
 */
async function* tarEntries(handle: FileHandle, path: string, from: number, to: number): AsyncGenerator<TarEntry> {
  const header = Buffer.alloc(block);
  for (let at = from; at + block <= to; ) {
    const { bytesRead } = await handle.read(header, 0, block, at);
    if (bytesRead === block && header.every((byte) => byte === 0)) return;
    const found = bytesRead === block ? headerOf(header) : undefined;
    const start = at + block;
    if (found === undefined || !Number.isSafeInteger(found.bytes) || start + found.bytes > to)
      throw new FileError(path, `is no tar archive, or one that is damaged or cut short (at byte ${at}).`);
    if (files.has(found.kind)) yield { name: found.name, at: start, bytes: found.bytes };
    else if (!skipped.has(found.kind))
      throw new FileError(
        path,
        `holds ${printable(found.name)}, an entry of the type ${printable(found.kind)}, which is not read.`,
      );
    at = start + Math.ceil(found.bytes / block) * block;
  }
}

/** Opens an archive and goes over its files, each in a folder for the archive in the archive that it lies in. */
export async function indexTar(
  path: string,
  onEntry: (entry: TarEntry) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    for await (const entry of tarEntries(handle, path, 0, size)) {
      signal?.throwIfAborted();
      if (!entry.name.endsWith('.tar')) onEntry(entry);
      else
        for await (const inner of tarEntries(handle, path, entry.at, entry.at + entry.bytes))
          onEntry({ ...inner, name: `${entry.name.slice(0, -'.tar'.length)}/${inner.name.replace(/^.*\//, '')}` });
    }
  } finally {
    await handle.close();
  }
}
