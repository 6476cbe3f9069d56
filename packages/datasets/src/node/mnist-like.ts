import { classNames } from '../classes.ts';
import { fromIdx } from '../from-idx.ts';
import { normalizations } from '../normalize.ts';
import { idxFile, readIdx } from './mnist.ts';
import type { Recipe } from './recipe.ts';
import type { RemoteFile } from './remote-file.ts';

const codh = ['http://codh.rois.ac.jp/kmnist/dataset/kmnist/', 'https://codh.rois.ac.jp/kmnist/dataset/kmnist/'];

/** KMNIST: 60,000 + 10,000 grey images of 28 x 28, cursive Japanese characters in 10 classes. */
export const kmnist: Recipe = {
  name: 'kmnist',
  classes: ['o', 'ki', 'su', 'tsu', 'na', 'ha', 'ma', 'ya', 're', 'wo'],
  files: [
    idxFile(
      codh,
      'train-images-idx3-ubyte',
      18_165_135,
      '51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4',
    ),
    idxFile(
      codh,
      'train-labels-idx1-ubyte',
      29_497,
      'e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17',
    ),
    idxFile(
      codh,
      't10k-images-idx3-ubyte',
      3_041_136,
      'edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5',
    ),
    idxFile(codh, 't10k-labels-idx1-ubyte', 5_120, '20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c'),
  ],
  read: readIdx(normalizations.mnist),
};

const facebook = 'https://raw.githubusercontent.com/facebookresearch/qmnist/master/';

const qmnistFile = (name: string, bytes: number, sha256: string, unpacked: number): RemoteFile => ({
  name,
  urls: [`${facebook}${name}`],
  bytes,
  sha256,
  unpacked: { bytes: unpacked },
});

const imageBytes = 16 + 60_000 * 784;
/** Rows of eight int32: the class, and who wrote the digit when. */
const labelBytes = 12 + 60_000 * 8 * 4;

/** QMNIST: the 60,000 training images of MNIST made again, and all 60,000 test images, of which MNIST kept the first
 * 10,000. */
export const qmnist: Recipe = {
  name: 'qmnist',
  classes: classNames.digits,
  files: [
    qmnistFile(
      'qmnist-train-images-idx3-ubyte.gz',
      9_704_059,
      '9e26a7bf1683614e065d7b76460ccd52807165b3f22561fb782bd9f38c52b51d',
      imageBytes,
    ),
    qmnistFile(
      'qmnist-train-labels-idx2-int.gz',
      463_024,
      '2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f',
      labelBytes,
    ),
    qmnistFile(
      'qmnist-test-images-idx3-ubyte.gz',
      9_742_279,
      '43fc22bf7498b8fc98de98369d72f752d0deabc280a43a7bcc364ab19e57b375',
      imageBytes,
    ),
    qmnistFile(
      'qmnist-test-labels-idx2-int.gz',
      526_800,
      '9fbcbe594c3766fdf4f0b15c5165dc0d1e57ac604e01422608bb72c906030d06',
      labelBytes,
    ),
  ],
  read: (contentOf) => {
    const half = (which: string) =>
      fromIdx(contentOf(`qmnist-${which}-images-idx3-ubyte.gz`), contentOf(`qmnist-${which}-labels-idx2-int.gz`), {
        normalization: normalizations.mnist,
      });
    return { train: half('train'), test: half('test') };
  },
};
