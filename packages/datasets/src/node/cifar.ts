import { type CifarRecords, parseCifar10, parseCifar100 } from '../cifar.ts';
import { classNames } from '../classes.ts';
import type { Normalization, Split } from '../dataset.ts';
import { normalizations } from '../normalize.ts';
import { plain } from './bytes.ts';
import { parsePython } from './cifar-python.ts';
import type { Halves, Recipe } from './recipe.ts';
import { tarMembers } from './tar.ts';

const page = 'https://www.cs.toronto.edu/~kriz/';

/** What a CIFAR archive holds: its files in the order of their images, each with its size, or the most that it can
 * have. */
type Layout = {
  readonly train: readonly string[];
  readonly test: string;
  readonly bytes: (name: string) => number;
  readonly isExact?: boolean;
  readonly parse: (bytes: Uint8Array) => CifarRecords;
  readonly normalization: Normalization;
};

function join(parts: readonly CifarRecords[], normalization: Normalization): Split {
  const [first, ...others] = parts;
  const whole = (pick: (part: CifarRecords) => Uint8Array): Uint8Array =>
    first !== undefined && others.length === 0 ? pick(first) : plain(Buffer.concat(parts.map(pick)));
  return { images: whole((p) => p.images), labels: whole((p) => p.labels), shape: [32, 32, 3], normalization };
}

/** Makes the splits of an archive, whose files may come in any order. */
export async function readCifar(archive: Uint8Array, layout: Layout): Promise<Halves> {
  const wanted = new Map([...layout.train, layout.test].map((name) => [name, layout.bytes(name)]));
  const records = new Map<string, CifarRecords>();
  for await (const { name, bytes } of tarMembers(archive, wanted, layout.isExact)) {
    try {
      records.set(name, layout.parse(bytes));
    } catch (cause) {
      throw new Error(`${name}: ${(cause as Error).message}`, { cause });
    }
  }
  const part = (names: readonly string[]): Split =>
    join(
      names.flatMap((name) => records.get(name) ?? []),
      layout.normalization,
    );
  return { train: part(layout.train), test: part([layout.test]) };
}

const ten = 'cifar-10-batches-bin';
/** The files of CIFAR-10's binary version. */
export const layout10: Layout = {
  train: [1, 2, 3, 4, 5].map((i) => `${ten}/data_batch_${i}.bin`),
  test: `${ten}/test_batch.bin`,
  bytes: () => 30_730_000,
  parse: parseCifar10,
  normalization: normalizations.cifar10,
};

const hundred = 'cifar-100-binary';
/** The files of CIFAR-100's binary version. */
export const layout100: Layout = {
  train: [`${hundred}/train.bin`],
  test: `${hundred}/test.bin`,
  bytes: (name) => (name.endsWith('/train.bin') ? 153_700_000 : 30_740_000),
  parse: parseCifar100,
  normalization: normalizations.cifar100,
};

const python10 = 'cifar-10-batches-py';
/** The files of CIFAR-10's Python version. */
export const pythonLayout10: Layout = {
  train: [1, 2, 3, 4, 5].map((i) => `${python10}/data_batch_${i}`),
  test: `${python10}/test_batch`,
  bytes: () => 32_000_000,
  isExact: false,
  parse: (bytes) => parsePython(bytes, parseCifar10, ['labels']),
  normalization: normalizations.cifar10,
};

const python100 = 'cifar-100-python';
/** The files of CIFAR-100's Python version. */
export const pythonLayout100: Layout = {
  train: [`${python100}/train`],
  test: `${python100}/test`,
  bytes: (name) => (name.endsWith('/train') ? 160_000_000 : 32_000_000),
  isExact: false,
  parse: (bytes) => parsePython(bytes, parseCifar100, ['coarse_labels', 'fine_labels']),
  normalization: normalizations.cifar100,
};

/** CIFAR-10: 50,000 + 10,000 colour images of 32 x 32. Its licence is not stated: it is downloaded, never shipped. */
export const cifar10: Recipe = {
  name: 'cifar10',
  classes: classNames.cifar10,
  files: [
    {
      name: 'cifar-10-binary.tar.gz',
      urls: [`${page}cifar-10-binary.tar.gz`],
      bytes: 170_052_171,
      sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
    },
  ],
  read: (contentOf) => readCifar(contentOf('cifar-10-binary.tar.gz'), layout10),
  also: {
    files: [
      {
        name: 'cifar-10-python.tar.gz',
        urls: [`${page}cifar-10-python.tar.gz`],
        bytes: 170_498_071,
        sha256: '6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce',
      },
    ],
    read: (contentOf) => readCifar(contentOf('cifar-10-python.tar.gz'), pythonLayout10),
  },
};

/** CIFAR-100: 50,000 + 10,000 colour images of 32 x 32 in 100 classes; downloaded, never shipped. */
export const cifar100: Recipe = {
  name: 'cifar100',
  classes: classNames.cifar100,
  files: [
    {
      name: 'cifar-100-binary.tar.gz',
      urls: [`${page}cifar-100-binary.tar.gz`],
      bytes: 168_513_733,
      sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
    },
  ],
  read: (contentOf) => readCifar(contentOf('cifar-100-binary.tar.gz'), layout100),
  also: {
    files: [
      {
        name: 'cifar-100-python.tar.gz',
        urls: [`${page}cifar-100-python.tar.gz`],
        bytes: 169_001_437,
        sha256: '85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7',
      },
    ],
    read: (contentOf) => readCifar(contentOf('cifar-100-python.tar.gz'), pythonLayout100),
  },
};
