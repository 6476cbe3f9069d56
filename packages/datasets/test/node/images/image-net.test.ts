import { copyFile, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { key } from '@steppe/random';
import { pack } from 'tar-stream';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { hashDataset, type ImageDataset, type ImageNetOptions, loadImageNet } from '../../../src/node/index.ts';
import { emptyFolder } from '../folder.ts';
import { folderOf, picture } from './pictures.ts';

beforeEach(async () => {
  vi.stubEnv('STEPPE_DATA', await emptyFolder());
  onTestFinished(() => void vi.unstubAllEnvs());
});

const ids = ['n00000001', 'n00000002', 'n00000003'];
const valNames = [1, 2, 3, 4].map((i) => `ILSVRC2012_val_0000000${i}.JPEG`);
const truth = [2, 0, 1, 2].map((label) => ids[label] as string);

async function tarOf(files: Readonly<Record<string, Buffer>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, bytes] of Object.entries(files)) tar.entry({ name }, bytes);
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** The official archives in small: a tar of tars, in another order than that of the names, and a flat one. */
async function archives(): Promise<string> {
  const root = await folderOf({ 'ground.txt': truth.join('\n') });
  const inner: Record<string, Buffer> = {};
  for (const [i, id] of [...ids].reverse().entries())
    inner[`${id}.tar`] = await tarOf({
      [`${id}_1.JPEG`]: await picture(10 * i + 1),
      [`${id}_2.JPEG`]: await picture(10 * i + 2),
    });
  await writeFile(join(root, 'ILSVRC2012_img_train.tar'), await tarOf(inner));
  const val = await Promise.all(valNames.map(async (name, i) => [name, await picture(50 + i)] as const));
  await writeFile(join(root, 'ILSVRC2012_img_val.tar'), await tarOf(Object.fromEntries(val)));
  return root;
}

/** The same images in folders. */
async function folders(): Promise<string> {
  const files: Record<string, number> = {};
  for (const [i, id] of [...ids].reverse().entries())
    for (const n of [1, 2]) files[`train/${id}/${id}_${n}.JPEG`] = 10 * i + n;
  for (const [i, name] of valNames.entries()) files[`val/${truth[i]}/${name}`] = 50 + i;
  return folderOf(files);
}

const load = (root: string, options: ImageNetOptions = {}): Promise<ImageDataset> =>
  loadImageNet(root, { size: 8, workers: 0, ...options });
const contents = ({ train, test: held }: ImageDataset) =>
  Promise.all(
    [train, held].map(({ images, places, labels }) =>
      Promise.all(
        Array.from(places, async (place, i) => {
          const { pixels } = await images.example(place, key(0));
          return `${images.files[place]?.name.replace(/^.*\//, '')} ${labels[i]} ${pixels.join()}`;
        }),
      ).then((lines) => lines.sort()),
    ),
  );

describe('ImageNet', () => {
  test('in its official archives has the images and labels of its folders', async () => {
    const [packed, unpacked] = [
      await load(await archives(), { groundTruth: 'ground.txt' }),
      await load(await folders()),
    ];
    expect([packed.classes, unpacked.classes]).toEqual([ids, ids]);
    expect(await contents(packed)).toEqual(await contents(unpacked));
    expect(packed.notes).toEqual([
      'ImageNet has 1,000 classes, this folder 3.',
      'Normalized by the constants of ImageNet.',
    ]);
  });

  test('is gone through once, and again when an archive has changed', async () => {
    const root = await archives();
    const options = { groundTruth: 'ground.txt' };
    const before = await load(root, options);
    const tar = join(root, 'ILSVRC2012_img_train.tar');
    const again = await load(root, options);
    expect(hashDataset(again)).toBe(hashDataset(before));
    const { length } = await readFile(tar);
    await truncate(tar, length - 4000);
    await expect(load(root, options)).rejects.toThrow('is no tar archive, or one that is damaged or cut short');
  });

  test.each<[string, string, ImageNetOptions]>([
    ['a line of WNID for each image', 'imagenet_2012_validation_synset_labels.txt', {}],
    ['names and places of classes', 'val.txt', {}],
    ['a table of Kaggle', 'LOC_val_solution.csv', {}],
    ['the numbers of the devkit', 'ILSVRC2012_validation_ground_truth.txt', {}],
  ])('takes the labels of a flat folder from %s', async (_, name) => {
    const root = await folders();
    for (const [i, file] of valNames.entries())
      await copyFile(join(root, 'val', truth[i]!, file), join(root, 'val', file));
    for (const id of new Set(truth)) await rm(join(root, 'val', id), { recursive: true });
    await expect(load(root)).rejects.toThrow('no file of their classes: put ILSVRC2012_validation_ground_truth.txt');
    const texts: Readonly<Record<string, string>> = {
      'imagenet_2012_validation_synset_labels.txt': truth.join('\n'),
      'val.txt': valNames
        .map((file, i) => `${file} ${ids.indexOf(truth[i]!)}`)
        .reverse()
        .join('\n'),
      'LOC_val_solution.csv': `ImageId,PredictionString\n${valNames.map((file, i) => `${file.slice(0, -5)},${truth[i]} 1 2 3 4`).join('\n')}\n`,
      // meta.mat: 1 is n00000003, 2 is n00000001, 3 is n00000002.
      'ILSVRC2012_validation_ground_truth.txt': '1\n2\n3\n1\n',
    };
    await copyFile(new URL('../../fixtures/meta.mat', import.meta.url), join(root, 'meta.mat'));
    await writeFile(join(root, name), texts[name]!);
    expect([...(await load(root)).test.labels]).toEqual([2, 0, 1, 2]);
    await writeFile(join(root, name), texts[name]!.split('\n').slice(0, 2).join('\n'));
    await expect(load(root)).rejects.toThrow(/names no class for val\/ILSVRC2012_val_/);
  });

  test('that is not there is refused', async () => {
    const root = await emptyFolder();
    await expect(load(root)).rejects.toThrow(
      `holds neither train/ with a folder for each class nor ILSVRC2012_img_train.tar.`,
    );
    await mkdir(join(root, 'train/n00000001'), { recursive: true });
    await expect(load(root)).rejects.toThrow('holds neither val/ nor ILSVRC2012_img_val.tar.');
    await rm(join(root, 'train'), { recursive: true });
    await writeFile(join(root, 'ILSVRC2012_img_train.tar'), Buffer.alloc(2048, 'x'));
    await expect(load(root)).rejects.toThrow('is no tar archive');
  });
});
