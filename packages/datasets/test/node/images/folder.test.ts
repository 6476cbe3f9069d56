import { mkdir, readFile, rename, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { key } from '@steppe/random';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { batches, holdOut } from '../../../src/index.ts';
import {
  hashDataset,
  type ImageFolderOptions,
  loadImageFolder,
  randomResizedCrop,
  withView,
} from '../../../src/node/index.ts';
import { emptyFolder } from '../folder.ts';
import { folderOf, picture, pictures } from './pictures.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

beforeEach(async () => {
  vi.stubEnv('STEPPE_DATA', await emptyFolder());
  onTestFinished(() => void vi.unstubAllEnvs());
});

const load = (folder: string, options: ImageFolderOptions = {}) =>
  loadImageFolder(folder, { size: 8, workers: 0, ...options });
const namesOf = ({ train, test }: Awaited<ReturnType<typeof load>>) =>
  [train, test].map(({ images, places }) => Array.from(places, (place) => images.files[place]?.name));

describe('A folder of images', () => {
  test('of train and val has their classes by name, and its labels', async () => {
    const root = await folderOf({ ...pictures(3, 'train/dog', 'train/cat'), ...pictures(1, 'val/cat', 'val/dog') });
    const data = await load(root);
    expect(data.classes).toEqual(['cat', 'dog']);
    expect([...data.train.labels, ...data.test.labels]).toEqual([0, 0, 0, 1, 1, 1, 0, 1]);
    expect(namesOf(data)[1]).toEqual(['val/cat/0.jpg', 'val/dog/0.jpg']);
    expect([data.shape, data.train.normalization.mean[0]]).toEqual([[8, 8, 3], 0.485]);
    expect(data.source).toBe(`${root}, 6 training and 2 held-out images in 2 classes`);
    expect(data.notes).toEqual(['Normalized by the constants of ImageNet.']);
  });

  test('of classes alone holds a share out, and says so', async () => {
    const data = await load(await folderOf(pictures(10, 'a', 'b')), { share: 0.3, seed: 4 });
    expect([data.train.labels.length, ...data.test.labels]).toEqual([14, 0, 0, 0, 1, 1, 1]);
    expect(data.notes[0]).toBe('Held out: 6 of 20 images, drawn by the seed 4, since there is no folder of others.');
    const [training, held] = namesOf(data) as [string[], string[]];
    expect([...training, ...held].sort()).toEqual(Object.keys(pictures(10, 'a', 'b')).sort());
  });

  test('names what it leaves out: other files, loops and dead links, empty classes, hidden files, loose images', async () => {
    const root = await folderOf({
      ...pictures(2, 'train/a', 'train/b/deep/er', 'val/a'),
      'train/a/notes.txt': 'no image',
      'train/a/photo.heic': 'not read here',
      'train/.DS_Store': '',
      'train/loose.jpg': 1,
      'test/a/1.jpg': 1,
    });
    await mkdir(join(root, 'train/empty'));
    await symlink('..', join(root, 'train/a/up'));
    await symlink('/nowhere', join(root, 'train/a/dead.jpg'));
    const elsewhere = await folderOf({ 'x/9.jpg': 9 });
    await symlink(join(elsewhere, 'x'), join(root, 'train/b/linked'));
    const data = await load(root);
    expect(data.classes).toEqual(['a', 'b']);
    expect(namesOf(data)[0]).toEqual([
      'train/a/0.jpg',
      'train/a/1.jpg',
      'train/b/deep/er/0.jpg',
      'train/b/deep/er/1.jpg',
      'train/b/linked/9.jpg',
    ]);
    expect(data.notes).toEqual([
      'Classes without an image, which are left out: empty.',
      'Left out, since they are no images that are read here: train/a/notes.txt, train/a/photo.heic.',
      'Links that lead to nothing or back to a folder above them: train/a/dead.jpg, train/a/up.',
      'Left out, since they lie in no folder of a class: train/loose.jpg.',
      'Left out: 1 hidden files or folders.',
      'Classes without a held-out image: b.',
      'Held-out images are those of val; not read: test.',
      'Normalized by the constants of ImageNet.',
    ]);
    expect(namesOf(await load(root, { heldOut: 'test' }))[1]).toEqual(['test/a/1.jpg']);
  });

  test.each<[string, Parameters<typeof folderOf>[0], ImageFolderOptions, string]>([
    [
      'one class',
      pictures(2, 'a'),
      {},
      'needs a folder of images for each of 2 classes or more (CLASS/*.jpg), got 1 folders',
    ],
    ['no folders', { '1.jpg': 1 }, {}, 'got 1 images and no folders, of which 0 with images.'],
    [
      'other classes',
      pictures(1, 'train/a', 'train/b', 'val/c'),
      {},
      'holds the class c, of which train holds no image.',
    ],
    ['no such half', pictures(1, 'train/a', 'train/b'), { heldOut: 'dev' }, 'has no folder dev of held-out images'],
    ['too small a share', pictures(2, 'a', 'b'), { share: 0.1 }, 'has 4 training images and 0 held out'],
    ['size', pictures(1, 'a', 'b'), { size: 0 }, 'size must be a whole number from 1 to 4096, got 0.'],
    ['workers', pictures(1, 'a', 'b'), { workers: 50 }, 'start it with UV_THREADPOOL_SIZE=50'],
    ['option', pictures(1, 'a', 'b'), { onBroke: 'skip' } as object, 'did you mean "onBroken"?'],
  ])('is refused for %s', async (_, files, options, message) => {
    await expect(load(await folderOf(files), options)).rejects.toThrow(message);
  });

  test('that is none is refused', async () => {
    await expect(load('/nowhere')).rejects.toThrow('/nowhere does not exist.');
    await expect(load(join(await folderOf({ a: 'b' }), 'a'))).rejects.toThrow(
      'must be a folder of images, and is none.',
    );
  });
});

test('Notes are one line each, whatever the files are called, and an empty file says so', async () => {
  const root = await folderOf({
    ...pictures(1, 'train/a', 'train/b\nc', 'val/a'),
    'train/a/x\n.txt': '',
    'train/a/e.jpg': '',
  });
  const { notes, train } = await load(root, { onBroken: 'skip' });
  expect(notes).toContain('Left out, since they are broken: train/a/e.jpg (it is empty).');
  expect(notes).toContain('Left out, since they are no images that are read here: train/a/x\\u000a.txt.');
  expect(notes.join('')).not.toContain('\n');
  expect(train.labels).toHaveLength(2);
});

describe('A broken file', () => {
  const broken = async (): Promise<string> => {
    const root = await folderOf(pictures(4, 'train/a', 'train/b', 'val/a'));
    await truncate(join(root, 'train/b/2.jpg'), 300);
    await writeFile(join(root, 'val/a/1.jpg'), 'nonsense');
    return root;
  };

  test('is named by the batch that meets it', async () => {
    const { train } = await load(await broken());
    const loop = async () => {
      for await (const { images, labels } of batches(train, { batchSize: 4 })) tf.dispose([images, labels]);
    };
    await expect(loop()).rejects.toThrow(
      /^train\/b\/2\.jpg cannot be read as an image \(.+\): put back what was there, or start anew without it \(onBroken: 'skip', --broken skip\)\.$/,
    );
  });

  test('is left out by choice, and named', async () => {
    const data = await load(await broken(), { onBroken: 'skip', hash: 'names' });
    expect([data.train.labels.length, data.test.labels.length]).toEqual([7, 3]);
    expect(namesOf(data).flat()).not.toContain('train/b/2.jpg');
    expect(data.notes[1]).toMatch(
      /^Left out, since they are broken: train\/b\/2\.jpg \(.+\), val\/a\/1\.jpg \(.+\)\.$/,
    );
    expect((await load(await broken())).train.labels.length).toBe(8);
  });
});

describe('hashDataset', () => {
  const files = pictures(3, 'train/a', 'train/b', 'val/a', 'val/b');

  test('knows files by name and content, wherever their folder lies', async () => {
    const [one, other] = [await load(await folderOf(files)), await load(await folderOf(files))];
    expect(hashDataset(other)).toBe(hashDataset(one));
    const renamed = await folderOf(files);
    await rename(join(renamed, 'train/a/0.jpg'), join(renamed, 'train/a/00.jpg'));
    const changed = await load(await folderOf({ ...files, 'val/b/2.jpg': 77 }));
    const part = { ...one, train: holdOut(key(0), one.train, 0.5)[0] };
    const hashes = [one, await load(renamed), changed, part, await load(await folderOf(files), { hash: 'names' })];
    expect(new Set(hashes.map(hashDataset)).size).toBe(5);
  });

  test('sees a file that has changed since it was last read', async () => {
    const root = await folderOf(files);
    const path = join(root, 'train/b/1.jpg');
    const before = hashDataset(await load(root));
    expect(hashDataset(await load(root))).toBe(before);
    const bytes = await readFile(path);
    await writeFile(path, bytes.with(bytes.length - 3, 1));
    await utimes(path, new Date(), new Date(Date.now() + 5000));
    expect(hashDataset(await load(root))).not.toBe(before);
  });
});

test('Measured constants are mean and standard deviation of the training images', async () => {
  const root = await folderOf(pictures(5, 'train/a', 'train/b', 'val/a'));
  const { train } = await load(root, { normalization: 'measured' });
  const plain = await load(root, { normalization: { mean: [0, 0, 0], std: [1, 1, 1] } });
  const values: number[][] = [[], [], []];
  for await (const { images, labels } of batches(plain.train, { batchSize: 10 })) {
    for (const [i, x] of images.dataSync().entries()) values[i % 3]?.push(x);
    tf.dispose([images, labels]);
  }
  for (const [c, list] of values.entries()) {
    const mean = list.reduce((sum, x) => sum + x, 0) / list.length;
    const variance = list.reduce((sum, x) => sum + (x - mean) ** 2, 0) / list.length;
    expect(train.normalization.mean[c]).toBeCloseTo(mean, 6);
    expect(train.normalization.std[c]).toBeCloseTo(Math.sqrt(variance), 5);
  }
});

test('A view changes what is seen and the shape, not the images', async () => {
  const { train } = await load(await folderOf(pictures(2, 'train/a', 'train/b', 'val/a')));
  const cropped = withView(train, randomResizedCrop(12));
  expect([cropped.shape, train.shape]).toEqual([
    [12, 12, 3],
    [8, 8, 3],
  ]);
  const { pixels, shape } = await cropped.images.example(1, key(5));
  expect([shape, pixels.length]).toEqual([[12, 12, 3], 432]);
  const memory = {
    images: new Uint8Array(1),
    labels: new Uint8Array(1),
    shape: [1, 1, 1],
    normalization: train.normalization,
  };
  expect(() => withView(memory as never, randomResizedCrop(12))).toThrow('split must be images in files');
});

test('A CSV file names classes and halves', async () => {
  const jpeg = await picture(1);
  const files = { 'i/1.jpg': jpeg, 'i/2.jpg': jpeg, 'i/3 "x".jpg': jpeg, 'i/4.jpg': jpeg };
  const table = 'file,label,split\ni/1.jpg,10,train\ni/2.jpg,9,train\n"i/3 ""x"".jpg",9,val\ni/4.jpg,10,test\n';
  const data = await load(await folderOf({ ...files, 'labels.csv': table }), { labels: 'labels.csv' });
  expect(data.classes).toEqual(['9', '10']);
  expect([[...data.train.labels], [...data.test.labels]]).toEqual([[1, 0], [0]]);
  expect(namesOf(data)).toEqual([['i/1.jpg', 'i/2.jpg'], ['i/3 "x".jpg']]);
  expect(data.notes[0]).toBe('Not read are the rows of: test.');
  const refused = async (text: string) => load(await folderOf({ ...files, 'l.csv': text }), { labels: 'l.csv' });
  await expect(refused('name,label\ni/1.jpg,a\n')).rejects.toThrow(
    'needs the columns file and label in its first line, got name, label.',
  );
  for (const header of ['file,label,label', 'file,file,label', 'file,label,note,note'])
    await expect(refused(`${header}\n${header}\n`)).rejects.toThrow(
      /has the column (label|file|note) twice: leave one/,
    );
  await expect(refused('file,label\ni/1.jpg,a\ni/1.jpg,b\n')).rejects.toThrow(
    'names i/1.jpg twice, the second time in its row 2.',
  );
  await expect(refused('file,label\ni/1.jpg,a\ni/7.jpg,b\n')).rejects.toThrow(
    'names i/7.jpg in its row 2, which is no file in',
  );
  await expect(refused('file,label\n../x.jpg,a\ni/1.jpg,b\n')).rejects.toThrow('lies outside of');
  await expect(refused('file,label\ni/1.jpg,a\n')).rejects.toThrow(
    'needs training images of 2 classes or more, got 1.',
  );
});
