import { gunzipSync } from 'node:zlib';
import { classNames } from '../classes.ts';
import type { Split } from '../dataset.ts';
import { fromIdx } from '../from-idx.ts';
import { normalizations } from '../normalize.ts';
import { plain } from './bytes.ts';
import type { Halves, Recipe } from './recipe.ts';
import { zipMembers } from './zip.ts';

/** A way in which EMNIST divides its characters. */
export type EmnistPart = 'balanced' | 'byclass' | 'bymerge' | 'letters' | 'digits' | 'mnist';

/** The most images of a half: those of the training half of ByClass. */
const most = 697_932;
const largest = 16 + 784 * most;

const digits = classNames.digits;
const capitals = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
/** Small letters that look like capitals are counted with them. */
const merged = [...digits, ...capitals, ...'abdefghnqrt'];

/** The name of each class, by part. */
export const classesOf: Readonly<Record<EmnistPart, readonly string[]>> = {
  balanced: merged,
  byclass: [...digits, ...capitals, ...capitals.map((letter) => letter.toLowerCase())],
  bymerge: merged,
  letters: capitals,
  digits,
  mnist: digits,
};

/** Makes both splits of a part of EMNIST's archive: images turned upright, labels from 0. */
export function readEmnist(archive: Uint8Array, part: EmnistPart): Halves {
  const nameOf = (half: string, what: string): string => `gzip/emnist-${part}-${half}-${what}-ubyte.gz`;
  const names = ['train', 'test'].flatMap((half) => ['images-idx3', 'labels-idx1'].map((what) => nameOf(half, what)));
  const member = zipMembers(archive, new Map(names.map((name) => [name, largest])));
  const inside = (name: string): Uint8Array => plain(gunzipSync(member(name), { maxOutputLength: largest }));
  const half = (which: string): Split =>
    fromIdx(inside(nameOf(which, 'images-idx3')), inside(nameOf(which, 'labels-idx1')), {
      classes: classesOf[part].length,
      firstLabel: part === 'letters' ? 1 : 0,
      transposed: true,
      normalization: normalizations.mnist,
    });
  return { train: half('train'), test: half('test') };
}

/** The recipe of a part of EMNIST; all six come from one archive, which is kept once. Its licence is not stated: it is
 * downloaded, never shipped. */
export const emnist = (part: EmnistPart): Recipe => ({
  name: `emnist-${part}`,
  folder: 'emnist',
  classes: classesOf[part],
  files: [
    {
      name: 'gzip.zip',
      urls: ['https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip'],
      bytes: 561_753_746,
      sha256: 'fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e',
    },
  ],
  read: (contentOf) => readEmnist(contentOf('gzip.zip'), part),
});
