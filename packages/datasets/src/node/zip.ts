import { crc32, inflateRawSync } from 'node:zlib';
import { grouped } from './remote-file.ts';

const entry = 0x02014b50;
const local = 0x04034b50;
const end = 0x06054b50;
const endSize = 22;
const longestComment = 65_535;

/** What the directory of an archive says of a file. */
type Entry = {
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
};

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** Finds the end record, which a comment may follow. */
function endOf(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  for (let at = bytes.length - endSize; at >= Math.max(0, bytes.length - endSize - longestComment); at -= 1)
    if (view.getUint32(at, true) === end) return at;
  throw new Error('Not a zip archive, or one that is cut short: it has no directory.');
}

/** Reads the directory, for the wanted names. */
function directory(bytes: Uint8Array, wanted: ReadonlySet<string>): ReadonlyMap<string, Entry> {
  const view = viewOf(bytes);
  const last = endOf(bytes);
  const found = new Map<string, Entry>();
  let at = view.getUint32(last + 16, true);
  for (let left = view.getUint16(last + 10, true); left > 0; left -= 1) {
    if (at + 46 > last || view.getUint32(at, true) !== entry)
      throw new Error('The directory of the zip archive is damaged, or of the kind zip64.');
    const next = at + 46 + view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, next));
    if (found.has(name)) throw new Error(`The archive holds ${JSON.stringify(name)} twice.`);
    if (wanted.has(name))
      found.set(name, {
        isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
        method: view.getUint16(at + 10, true),
        crc: view.getUint32(at + 16, true),
        packed: view.getUint32(at + 20, true),
        size: view.getUint32(at + 24, true),
        offset: view.getUint32(at + 42, true),
      });
    at = next + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return found;
}

function unpack(bytes: Uint8Array, name: string, { offset, packed, ...told }: Entry, limit: number): Uint8Array {
  const quoted = JSON.stringify(name);
  if (told.isEncrypted || (told.method !== 0 && told.method !== 8))
    throw new Error(`${quoted} in the archive is encrypted, or packed by a method that is not read: ${told.method}.`);
  if (told.size > limit)
    throw new Error(`${quoted} in the archive has ${grouped(told.size)} bytes, at most ${grouped(limit)} are read.`);
  const view = viewOf(bytes);
  const damaged = (cause?: unknown) => new Error(`${quoted} in the archive is damaged.`, { cause });
  if (offset + 30 > bytes.length || view.getUint32(offset, true) !== local) throw damaged();
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + packed > bytes.length) throw damaged();
  const body = bytes.subarray(start, start + packed);
  try {
    const content = told.method === 0 ? body : inflateRawSync(body, { maxOutputLength: Math.max(1, told.size) });
    if (content.length === told.size && crc32(content) === told.crc) return content;
  } catch (cause) {
    throw damaged(cause);
  }
  throw damaged();
}

/**
 * Reads the wanted files of a zip archive, stored or deflated; nothing is unpacked that is not wanted, and nothing
 * touches the disk.
 *
 * @param wanted - The most bytes of each file, by its full name in the archive.
 * @throws When a file is missing, damaged or larger.
 */
export function zipMembers(archive: Uint8Array, wanted: ReadonlyMap<string, number>): (name: string) => Uint8Array {
  const entries = directory(archive, new Set(wanted.keys()));
  const missing = [...wanted.keys()].find((name) => !entries.has(name));
  if (missing !== undefined) throw new Error(`The archive lacks "${missing}".`);
  return (name) => unpack(archive, name, entries.get(name) as Entry, wanted.get(name) as number);
}
