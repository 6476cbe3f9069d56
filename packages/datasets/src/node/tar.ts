import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { grouped } from './remote-file.ts';

/** One file of an archive. */
export type Member = {
  readonly name: string;
  readonly bytes: Uint8Array;
};

/** Room for what an archive holds beside the wanted files: a read-me, lists of names, headers, padding. */
const sundries = 1 << 20;
const maximumMembers = 64;

/** Slices of an archive, so that it is unpacked piece by piece. */
function* pieces(archive: Uint8Array, size = 1 << 18): Generator<Uint8Array> {
  for (let at = 0; at < archive.length; at += size) yield archive.subarray(at, at + size);
}

const escapes = (name: string): boolean =>
  name.startsWith('/') || /^[a-z]:|\\/i.test(name) || name.split('/').includes('..');

/** Refuses an entry that a data set's archive has no reason to hold; says whether it is one of the wanted ones. */
function isWanted(
  { name, type, size }: Header,
  wanted: ReadonlyMap<string, number>,
  seen: Set<string>,
  isExact: boolean,
): boolean {
  const quoted = JSON.stringify(name);
  if (escapes(name)) throw new Error(`The archive holds ${quoted}, which points out of it.`);
  if (type === 'directory') return false;
  if (type !== 'file')
    throw new Error(`The archive holds ${quoted}, a ${type ?? 'entry of unknown type'}, not a file.`);
  if (seen.has(name)) throw new Error(`The archive holds ${quoted} twice.`);
  if (seen.size === maximumMembers) throw new Error(`The archive holds more than ${maximumMembers} files.`);
  seen.add(name);
  const expected = wanted.get(name);
  if (expected !== undefined && (isExact ? size !== expected : size > expected))
    throw new Error(
      `${quoted} in the archive has ${grouped(size)} bytes, expected ${isExact ? '' : 'at most '}${grouped(expected)}.`,
    );
  if (expected === undefined && size > sundries)
    throw new Error(`The archive holds ${quoted} of ${grouped(size)} bytes, which is none of its files.`);
  return expected !== undefined;
}

/**
 * Reads the wanted files of a .tar.gz in the order of the archive, one at a time in memory and none on the disk.
 *
 * Memory is set aside only for a name on the list with the size on the list.
 *
 * @param wanted - The exact size of each file, by its full name in the archive; or the most that it may have.
 */
export async function* tarMembers(
  archive: Uint8Array,
  wanted: ReadonlyMap<string, number>,
  isExact = true,
): AsyncGenerator<Member> {
  const limit = [...wanted.values()].reduce((sum, size) => sum + size + 1024, sundries);
  const unpacked = extract();
  pipeline(
    Readable.from(pieces(archive)),
    createGunzip(),
    async function* limited(source: AsyncIterable<Uint8Array>) {
      let total = 0;
      for await (const piece of source) {
        total += piece.length;
        if (total > limit) throw new Error(`The archive unpacks to more than the expected ${grouped(limit)} bytes.`);
        yield piece;
      }
    },
    unpacked,
    // A failure anywhere ends the loop below, in which it is raised again.
  ).catch(() => undefined);
  const seen = new Set<string>();
  for await (const entry of unpacked) {
    if (!isWanted(entry.header, wanted, seen, isExact)) {
      entry.resume();
      continue;
    }
    const bytes = new Uint8Array(entry.header.size);
    let filled = 0;
    for await (const piece of entry as AsyncIterable<Uint8Array>) {
      bytes.set(piece, filled);
      filled += piece.length;
    }
    yield { name: entry.header.name, bytes };
  }
  const missing = [...wanted.keys()].find((name) => !seen.has(name));
  if (missing !== undefined) throw new Error(`The archive lacks "${missing}".`);
}
