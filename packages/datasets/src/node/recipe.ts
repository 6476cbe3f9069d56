import type { Split } from '../dataset.ts';
import type { RemoteFile } from './remote-file.ts';

/** How a published dataset is made of published files. */
export type Recipe = {
  readonly name: string;
  /** The folder that holds its files, where that is not its name: parts of one archive share it. */
  readonly folder?: string;
  readonly classes: readonly string[];
  readonly files: readonly RemoteFile[];
  /** The folder in which a package of the system puts the same files, and the command that installs it. */
  readonly system?: { readonly folder: string; readonly install: string };
  /** A part of it that is always there, to name to who has nothing else. */
  readonly subset?: string;
  /** What to do with a file that is sound and not the published one. */
  readonly other?: string;
  /** Makes the two splits of the verified contents of the files. */
  readonly read: Read;
  /** Other published files with the same images, which are taken where they are and never fetched. */
  readonly also?: { readonly files: readonly RemoteFile[]; readonly read: Read };
};

/** Makes the two splits of the contents of files, which it asks for by name. */
export type Read = (contentOf: (name: string) => Uint8Array) => Halves | Promise<Halves>;

/** Both splits of a dataset. */
export type Halves = {
  readonly train: Split;
  readonly test: Split;
};
