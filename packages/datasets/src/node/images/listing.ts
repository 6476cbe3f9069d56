import { printable } from '@steppe/files';
import type { ListedFile } from './image-file.ts';

/** A file and the number of its class. */
export type LabelledFile = { readonly file: ListedFile; readonly label: number };

/** A dataset of files as it was found, before any of them is opened. */
export type Listing = {
  readonly name: string;
  /** The folder below which the names of the files lie. */
  readonly root: string;
  readonly classes: readonly string[];
  readonly train: readonly LabelledFile[];
  /** Undefined where a share of the training images is to be held out. */
  readonly test: readonly LabelledFile[] | undefined;
  /** What a person has to know of what was found. */
  readonly notes: readonly string[];
};

const most = 3;

/** Names the first few of a list in one line, whatever characters they have: `a.txt, b.txt, c.txt and 4 more`. */
function few(names: readonly string[]): string {
  const first = names.slice(0, most).map(printable).join(', ');
  return names.length > most ? `${first} and ${names.length - most} more` : first;
}

/** A note where there is something to note. */
export const noteOf = (names: readonly string[], words: (named: string) => string): readonly string[] =>
  names.length === 0 ? [] : [words(few(names))];
