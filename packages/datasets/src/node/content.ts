import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { codeOf, FileError, readRegular } from '@steppe/files';
import { plain } from './bytes.ts';
import { grouped, type RemoteFile } from './remote-file.ts';

const unpack = promisify(gunzip);

/** Room for the header of a copy that was packed anew: never is more than this read of a file that should not be
 * there. */
const slack = 65_536;

/** Stands for the SHA-256 of a file that anybody may have packed: what is inside is checked. */
const anyPacking = '';

/** Names the bytes of a file by their SHA-256, in hexadecimal digits. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The one content that a published file can have: its bytes, unpacked where the catalogue says so; anything else is an
 * error. */
export async function content(file: RemoteFile, packed: Uint8Array): Promise<Uint8Array> {
  const hash = sha256(packed);
  const { unpacked } = file;
  const wrong = (): Error =>
    new Error(
      `has ${grouped(packed.length)} bytes with the SHA-256 ${hash}, expected ` +
        (file.sha256 === anyPacking
          ? `a gzip of ${grouped(unpacked?.bytes ?? 0)} bytes with ${unpacked?.sha256}`
          : `${grouped(file.bytes)} with ${file.sha256}`),
    );
  if (hash !== file.sha256 && unpacked?.sha256 === undefined) throw wrong();
  if (unpacked === undefined) return plain(packed);
  // The limit stops a bomb: a megabyte of gzip can unpack to a gigabyte.
  const inside = await unpack(packed, { maxOutputLength: unpacked.bytes }).catch((cause: unknown) => {
    throw new Error(`${wrong().message} (and does not unpack to ${grouped(unpacked.bytes)} bytes)`, { cause });
  });
  if (hash !== file.sha256 && sha256(inside) !== unpacked.sha256) throw wrong();
  return plain(inside);
}

/** What stands at a path: the right bytes, nothing, or something else. */
export type Found =
  | { readonly state: 'good'; readonly bytes: Uint8Array }
  | { readonly state: 'missing' }
  | { readonly state: 'damaged'; readonly why: string };

/** What the system says where there is no file, nor a folder that could hold it. */
const nothing: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR']);

/** Reads a file and checks the very bytes that it returns, so that no later change of the file can slip in between. */
export async function readVerified(path: string, file: RemoteFile): Promise<Found> {
  try {
    // What is no file, such as a FIFO, would never end; what is too long is not worth its memory.
    const packed = await readRegular(path, { maxBytes: file.bytes + slack });
    return { state: 'good', bytes: await content(file, packed) };
  } catch (error) {
    if (nothing.has(codeOf(error))) return { state: 'missing' };
    const { message } = error as Error;
    return { state: 'damaged', why: error instanceof FileError ? message.replace(/\.$/, '') : `${path} ${message}` };
  }
}

/** The same content packed by gzip, or unpacked; undefined where it could not be verified. */
function otherForm(file: RemoteFile): RemoteFile | undefined {
  const { name, urls, bytes, sha256, unpacked } = file;
  if (!name.endsWith('.gz')) return { ...file, name: `${name}.gz`, sha256: anyPacking, unpacked: { bytes, sha256 } };
  if (unpacked?.sha256 === undefined) return undefined;
  return { name: name.slice(0, -'.gz'.length), urls, bytes: unpacked.bytes, sha256: unpacked.sha256 };
}

/** Reads a file of a folder under its published name, else as somebody packed or unpacked it. */
export async function readInEitherForm(folder: string, file: RemoteFile): Promise<Found> {
  const found = await readVerified(join(folder, file.name), file);
  const other = otherForm(file);
  return found.state === 'missing' && other !== undefined ? readVerified(join(folder, other.name), other) : found;
}
