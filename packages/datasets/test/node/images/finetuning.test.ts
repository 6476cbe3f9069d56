import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type FinetuningSet, loadFinetuningSet } from '../../../src/node/index.ts';
import { folderOf } from './pictures.ts';

const load = (name: FinetuningSet, root: string) =>
  loadFinetuningSet(name, root, { size: 8, workers: 0, hash: 'names' });

test.each<[FinetuningSet, Record<string, number | string>, readonly string[]]>([
  [
    'aircraft',
    {
      'images/01.jpg': 1,
      'images/02.jpg': 2,
      'images/03.jpg': 3,
      'images_variant_trainval.txt': '02 An-12\n01 747 200\n',
      'images_variant_test.txt': '03 747 200\n',
    },
    ['747 200', 'An-12'],
  ],
  [
    'food101',
    {
      'images/pie/1.jpg': 1,
      'images/soup/2.jpg': 2,
      'images/pie/3.jpg': 3,
      'meta/train.txt': 'soup/2\npie/1\n',
      'meta/test.txt': 'pie/3\n',
    },
    ['pie', 'soup'],
  ],
  [
    'pets',
    {
      'images/Abyssinian_1.jpg': 1,
      'images/great_dane_7.jpg': 2,
      'images/Abyssinian_10.jpg': 3,
      'annotations/trainval.txt': '# Image CLASS-ID SPECIES BREED ID\ngreat_dane_7 2 2 1\nAbyssinian_1 1 1 1\n',
      'annotations/test.txt': 'Abyssinian_10 1 1 1\n',
    },
    ['Abyssinian', 'great_dane'],
  ],
])('%s is read by its own lists', async (name, files, classes) => {
  const root = await folderOf(files);
  const data = await load(name, root);
  expect([data.name, data.classes]).toEqual([name, classes]);
  expect([[...data.train.labels], [...data.test.labels]]).toEqual([[1, 0], [0]]);
});

test('Flowers 102 has the labels and halves of its MATLAB files, training and validation together', async () => {
  const jpgs = [1, 2, 3, 4, 5, 6].map((n) => [`jpg/image_0000${n}.jpg`, n]);
  const root = await folderOf(Object.fromEntries(jpgs));
  await expect(load('flowers102', root)).rejects.toThrow('imagelabels.mat cannot be read');
  for (const name of ['imagelabels.mat', 'setid.mat'])
    await copyFile(new URL(`../../fixtures/${name}`, import.meta.url), join(root, name));
  const { classes, train, test: held } = await load('flowers102', root);
  // Labels 1 2 2 1 2 1; training 2 4, validation 1, test 6 3 5.
  expect([classes, [...train.labels], [...held.labels]]).toEqual([
    ['1', '2'],
    [1, 0, 0],
    [0, 1, 1],
  ]);
  expect(Array.from(held.places, (place) => held.images.files[place]?.name)[0]).toBe('jpg/image_00006.jpg');
});

test('A list that names an image that is missing, and an unknown set, are refused', async () => {
  const root = await folderOf({ 'meta/train.txt': 'pie/1\nsoup/2\n', 'meta/test.txt': 'pie/3\n' });
  await expect(load('food101', root)).rejects.toThrow('names images/pie/1.jpg in its row 1, which is no file in');
  await expect(load('car' as FinetuningSet, root)).rejects.toThrow('name must be "aircraft" or "birdsnap"');
});

test.each<FinetuningSet>(['birdsnap', 'cars'])(
  '%s, which nobody publishes any more, is read from folders or a CSV file',
  async (name) => {
    const folders = await folderOf({
      'train/a/1.jpg': 1,
      'train/b/2.jpg': 2,
      'test/a/3.jpg': 3,
      'test/b/4.jpg': 4,
    });
    const rows = 'file,label,split\ni/1.jpg,a,train\ni/2.jpg,b,train\ni/3.jpg,b,test\ni/4.jpg,a,test\n';
    const listed = await folderOf({ 'i/1.jpg': 1, 'i/2.jpg': 2, 'i/3.jpg': 3, 'i/4.jpg': 4, 'labels.csv': rows });
    const [byFolder, byRows] = [await load(name, folders), await load(name, listed)];
    expect([byFolder.name, byFolder.classes, [...byFolder.test.labels]]).toEqual([name, ['a', 'b'], [0, 1]]);
    expect([byRows.classes, [...byRows.test.labels]]).toEqual([
      ['a', 'b'],
      [1, 0],
    ]);
    expect(byFolder.notes[0]).toMatch(new RegExp(`^${name} has (500|196) classes as a whole, this folder 2\\.$`));
    await expect(load(name, await folderOf({ 'train/a/1.jpg': 1, 'train/b/2.jpg': 2 }))).rejects.toThrow(
      'has no folder test of held-out images',
    );
  },
);
