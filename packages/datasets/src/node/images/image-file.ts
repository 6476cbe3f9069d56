import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** An encoded image in a list of perhaps a million: a file, or a part of an archive that is not packed. */
export type ListedFile = {
  /** What messages and hashes call it: its path below the folder of the dataset, with slashes. */
  readonly name: string;
  /** The file, where it is not the one of that name. */
  readonly path?: string;
  /** The offset in the file. @defaultValue 0 */
  readonly at?: number;
  /** The bytes of the image. */
  readonly bytes: number;
  /** When the file was last changed, in milliseconds. */
  readonly modified: number;
};

/** An encoded image of which the path is known. */
export type ImageFile = ListedFile & { readonly path: string };

/** Completes the path of a file below the folder of its dataset. */
export const located = (root: string, file: ListedFile): ImageFile => ({
  ...file,
  path: file.path ?? join(root, file.name),
});

/** No photograph has as many bytes. */
const most = 1 << 30;

/**
 * Reads the bytes of an image.
 *
 * @throws When there is no such file, it is none, or it has become shorter; the message goes on from a file's name.
 */
export function readImage({ path, at = 0, bytes }: ImageFile): Uint8Array {
  // A FIFO that has come into the place of the file would block for ever.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!fstatSync(file).isFile()) throw new Error('is no file any more');
    if (bytes === 0) throw new Error('it is empty');
    if (bytes > most) throw new Error(`has ${bytes} bytes, at most ${most} are read`);
    const out = new Uint8Array(bytes);
    let filled = 0;
    while (filled < bytes) {
      const read = readSync(file, out, filled, bytes - filled, at + filled);
      if (read === 0) throw new Error(`ends after ${filled} of ${bytes} bytes: it has changed since it was found`);
      filled += read;
    }
    return out;
  } finally {
    closeSync(file);
  }
}
