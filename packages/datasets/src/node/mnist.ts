import { classNames } from '../classes.ts';
import { fromIdx } from '../from-idx.ts';
import { normalizations } from '../normalize.ts';
import type { Recipe } from './recipe.ts';
import type { RemoteFile } from './remote-file.ts';

/** Names of the four files, and what they unpack to. */
const unpackedBytes = {
  'train-images-idx3-ubyte': 47_040_016,
  'train-labels-idx1-ubyte': 60_008,
  't10k-images-idx3-ubyte': 7_840_016,
  't10k-labels-idx1-ubyte': 10_008,
} as const;
type Name = keyof typeof unpackedBytes;

/** A packed file of a set that is laid out as MNIST. */
export const idxFile = (
  mirrors: readonly string[],
  name: Name,
  bytes: number,
  hash: string,
  inside?: string,
): RemoteFile => ({
  name: `${name}.gz`,
  urls: mirrors.map((mirror) => `${mirror}${name}.gz`),
  bytes,
  sha256: hash,
  unpacked: { bytes: unpackedBytes[name], ...(inside !== undefined && { sha256: inside }) },
});

/** Reads the four files of a set that is laid out as MNIST. */
export const readIdx =
  (normalization: (typeof normalizations)['mnist']): Recipe['read'] =>
  (contentOf) => ({
    train: fromIdx(contentOf('train-images-idx3-ubyte.gz'), contentOf('train-labels-idx1-ubyte.gz'), { normalization }),
    test: fromIdx(contentOf('t10k-images-idx3-ubyte.gz'), contentOf('t10k-labels-idx1-ubyte.gz'), { normalization }),
  });

const zalando = ['http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/'];

/** Fashion-MNIST: 60,000 + 10,000 grey images of 28 x 28. Its authors publish it over plain HTTP: the SHA-256 is what
 * protects. */
export const fashionMnist: Recipe = {
  name: 'fashion-mnist',
  classes: classNames.fashionMnist,
  files: [
    idxFile(
      zalando,
      'train-images-idx3-ubyte',
      26_421_880,
      '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
      'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    ),
    idxFile(
      zalando,
      'train-labels-idx1-ubyte',
      29_515,
      'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
      'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    ),
    idxFile(
      zalando,
      't10k-images-idx3-ubyte',
      4_422_102,
      '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
      '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    ),
    idxFile(
      zalando,
      't10k-labels-idx1-ubyte',
      5_148,
      '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
      '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    ),
  ],
  system: { folder: '/usr/share/datasets/fashion-mnist', install: 'apt-get install dataset-fashion-mnist' },
  subset: 'fashion-mnist-mini, the 6,000 of its images that are always here',
  read: readIdx(normalizations.fashionMnist),
};

const mirrors = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
];

/** MNIST: 60,000 + 10,000 grey images of 28 x 28. */
export const mnist: Recipe = {
  name: 'mnist',
  classes: classNames.digits,
  files: [
    idxFile(
      mirrors,
      'train-images-idx3-ubyte',
      9_912_422,
      '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
      'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    ),
    idxFile(
      mirrors,
      'train-labels-idx1-ubyte',
      28_881,
      '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
      '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    ),
    idxFile(
      mirrors,
      't10k-images-idx3-ubyte',
      1_648_877,
      '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
      '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    ),
    idxFile(
      mirrors,
      't10k-labels-idx1-ubyte',
      4_542,
      'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
      'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    ),
  ],
  read: readIdx(normalizations.mnist),
};
