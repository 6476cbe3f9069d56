import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { normalize } from '@steppe/datasets';
import { centerCrop, decodeImage } from '@steppe/datasets/node';
import { smallCnn } from '@steppe/models';
import { loadTree, saveTree } from '@steppe/train/node';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foreignWeights } from '../../src/run/foreign-weights.ts';
import { steppe } from '../support/capture.ts';
import { events } from '../support/events.ts';
import { pictures } from '../support/pictures.ts';

let [root, photos, run] = ['', '', ''];
const network = ['--network', 'small-cnn', '--widths', '4,8', '--image-size', '16', '--workers', '0'];
const short = ['--backend', 'wasm', '--augment', 'none', '--batch', '14', '--epochs', '12', '--lr', '0.1', '--quiet'];
const here = (path: string): string => relative(process.cwd(), path);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-photos-'));
  [photos, run] = [join(root, 'photos'), join(root, 'run')];
  await pictures(photos);
  // As people name it who stand beside it.
  const { code, err } = await steppe('train', here(photos), ...network, ...short, '--out', run);
  expect({ code, err: err.replace(/^(note|reading all files): .*\n/gm, '') }).toEqual({ code: 0, err: '' });
});
afterAll(() => rm(root, { recursive: true }));

const broken = async (name: string): Promise<string> => {
  const file = join(root, name);
  await writeFile(file, 'no picture');
  return file;
};

describe('a run on photos', () => {
  test('keeps the whole path of its folder: it goes on, is repeated and is measured from any other one', async () => {
    expect(JSON.parse(await readFile(join(run, 'config.json'), 'utf8')).options.images).toBe(photos);
    const { tree, metadata } = await loadTree(join(run, 'weights.safetensors'));
    dispose(tree);
    expect(metadata).toMatchObject({ facts: { options: { images: photos } } });
  });

  test('of before, whose path is as it was typed, goes on without a change of it being told', async () => {
    const config = join(run, 'config.json');
    const text = await readFile(config, 'utf8');
    await writeFile(config, text.replace(JSON.stringify(photos), JSON.stringify(here(photos))));
    const { code, out } = await steppe('train', '--resume', run);
    await writeFile(config, text);
    expect(code).toBe(0);
    expect(out).toContain('was finished before');
    expect(out).not.toContain('changed from here on');
  });

  test('repeated after the folder has changed is refused, with what to do about photos', async () => {
    const seven = join(photos, 'red', '7.png');
    await rename(seven, join(root, 'seven.png'));
    const { code, err } = await steppe('train', '--config', join(run, 'config.json'), '--out', join(root, 'again'));
    await rename(join(root, 'seven.png'), seven);
    expect(code).toBe(65);
    expect(err).toMatch(
      /The run of --config saw other images: [^\n]+ Put them back, or name the folder by --images [^\n]+\.\n$/,
    );
  });
});

describe('steppe predict', () => {
  const ask = (...words: readonly string[]) => steppe('predict', run, '--backend', 'wasm', ...words);

  test('names the class of each photo, the likeliest first', async () => {
    const { code, out, err } = await ask(join(photos, 'red', '3.png'), join(photos, 'blue', '5.png'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^\S+3\.png: red \d+\.\d %, blue \d+\.\d %\n\S+5\.png: blue \d+\.\d %, red \d+\.\d %\n$/);
  });

  test('gives what the network gives that somebody builds and feeds in code', async () => {
    const file = join(photos, 'red', '3.png');
    const { out } = await ask(file, '--json');
    const [{ event, classes }] = events(out);
    const { tree, metadata } = await loadTree(join(run, 'weights.safetensors'));
    const { facts } = metadata as { facts: { dataset: { classes: string[]; normalization: never } } };
    const { pixels, shape } = await decodeImage(await readFile(file), centerCrop(16));
    const images = tf.tensor4d(normalize(facts.dataset.normalization)(pixels), [1, ...shape]);
    const model = smallCnn({ widths: [4, 8], classes: 2 });
    const { params, state } = tree as ReturnType<typeof model.init>;
    const [logits] = model.apply(params, state, images, { training: false });
    const probabilities = await tf.softmax(logits).data();
    dispose(tree, images, logits);
    expect(event).toBe('prediction');
    for (const { name, probability } of classes)
      expect(probability).toBeCloseTo(probabilities[facts.dataset.classes.indexOf(name)] as number, 5);
  });

  test('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await ask(join(photos, 'red', '3.png'));
    expect(tf.memory().numTensors).toBe(before);
  });

  test('refuses a broken file by its name, or leaves it out where that is said', async () => {
    const [bad, good] = [await broken('bad.jpg'), join(photos, 'red', '1.png')];
    const refused = await ask(good, bad);
    expect(refused.code).toBe(65);
    expect(refused.err).toMatch(/^steppe: \S+bad\.jpg cannot be read as an image \([^\n]+\)\.\n$/);
    const skipped = await ask(bad, good, '--broken', 'skip', '--json', '--top', '1');
    expect(skipped.code).toBe(0);
    expect(skipped.err).toMatch(/^note: left out: \S+bad\.jpg /);
    expect(events(skipped.out)).toMatchObject([{ file: good, classes: [{ name: 'red' }] }]);
  });

  test.each<readonly [string, () => readonly string[], RegExp]>([
    ['a file that is not there', () => [join(root, 'none.jpg')], /No image at \S+none\.jpg: name files/],
    ['a device', () => ['/dev/null'], /null is not a regular file: name images/],
    ['a folder', () => [photos], /photos is a folder: name the files in it/],
    [
      'more classes than there are',
      () => [join(photos, 'red', '1.png'), '--top', '3'],
      /at most the 2 classes of the run, got 3/,
    ],
    [
      'no number of classes',
      () => [join(photos, 'red', '1.png'), '--top', '0'],
      /--top must be a whole number of at least 1, got "0"/,
    ],
  ])('refuses %s', async (_, words, message) => {
    const { code, err } = await ask(...words());
    expect(code).toBe(64);
    expect(err).toMatch(message);
    expect(err).toMatch(/^[^\n]+\n$/);
  });

  test('asks the images of runs of before, which do not say what these are', async () => {
    const old = join(root, 'old.safetensors');
    const { tree, metadata } = await loadTree(join(run, 'weights.safetensors'));
    const { facts } = metadata as { facts: { dataset: { [name: string]: string } } };
    const { normalization: _, shape: __, ...dataset } = facts.dataset;
    await saveTree(old, tree, { facts: { ...facts, dataset } });
    dispose(tree);
    const file = join(photos, 'blue', '2.png');
    const { code, out } = await steppe('predict', old, file, '--backend', 'wasm');
    expect({ code, out }).toEqual({ code: 0, out: (await ask(file)).out });
  });
});

describe('exit codes: 64 for a wrong word or path, 65 for what files hold, 74 for what the system refuses', () => {
  const asked = ['train', '--preset', 'photos', '--network', 'mlp', '--backend', 'wasm', '--image-size', '8'];
  const folder = (name: string): string => join(root, name);

  beforeAll(async () => {
    await mkdir(folder('one/a'), { recursive: true });
    for (const name of ['a', 'b']) {
      await mkdir(folder(`damaged/${name}`), { recursive: true });
      for (let i = 0; i < 20; i += 1) await writeFile(folder(`damaged/${name}/${i}.png`), 'no picture');
    }
    await writeFile(folder('one/a/1.png'), await readFile(join(photos, 'red', '1.png')));
    await writeFile(folder('one/wide.csv'), 'file,label\na/1.png,x,y\n');
    await writeFile(folder('one/twice.csv'), 'file,label,label\na/1.png,x,y\n');
    await writeFile(folder('old.pth'), Uint8Array.of(0x80, 2, 0x8a, 10));
  });

  test.each<readonly [number, string, () => readonly string[], RegExp]>([
    [
      65,
      'images that are none',
      () => [...asked, '--images', folder('damaged'), '--batch', '4'],
      /cannot be read as an image/,
    ],
    [
      65,
      'one class only',
      () => [...asked, '--images', folder('one')],
      /needs a folder of images for each of 2 classes/,
    ],
    [
      65,
      'a CSV file with a cell too much',
      () => [...asked, '--images', folder('one'), '--labels', 'wide.csv'],
      /is no table of labels/,
    ],
    [
      65,
      'a CSV file with a column twice',
      () => [...asked, '--images', folder('one'), '--labels', 'twice.csv'],
      /has the column label twice/,
    ],
    [
      64,
      'a CSV file that is not there',
      () => [...asked, '--images', folder('one'), '--labels', 'no.csv'],
      /--labels must name a CSV file in/,
    ],
    [
      64,
      'a folder that is not there',
      () => [...asked, '--images', folder('none')],
      /No images at \S+none: give a folder/,
    ],
    [
      64,
      'a file in the place of a folder',
      () => [...asked, '--images', folder('old.pth')],
      /which is a file: give a folder/,
    ],
    [
      65,
      'ImageNet that is not there',
      () => [...asked, '--dataset', 'imagenet'],
      /--dataset imagenet is not downloaded/,
    ],
    [
      64,
      'a folder of ImageNet that is not there',
      () => [...asked, '--dataset', 'imagenet', '--data', folder('none')],
      /No images at \S+none: --data must name/,
    ],
    [
      64,
      'more threads than decode',
      () => [...asked, '--images', photos, '--workers', '60'],
      /--workers must be at most \d+, [^\n]+UV_THREADPOOL_SIZE=60/,
    ],
    [
      64,
      'images larger than any view',
      () => [...asked, '--images', photos, '--image-size', '3600'],
      /--image-size must be a whole number from 1 to 3584/,
    ],
    [
      64,
      'weights of a folder that is no run',
      () => [...asked, photos, '--pretrained', photos],
      /--pretrained \S+ holds no weights\.safetensors: give the folder of a run/,
    ],
    [
      65,
      'weights that PyTorch pickled',
      () => [...asked, photos, '--pretrained', folder('old.pth')],
      /old\.pth is a Python pickle, as torch\.save wrote it [^\n]+save_file/,
    ],
    [
      64,
      'a folder that is no run',
      () => ['evaluate', photos],
      /holds no weights\.safetensors: give the folder of a run/,
    ],
    [65, 'a run that is a pickle', () => ['evaluate', folder('old.pth')], /is a Python pickle/],
    [64, 'a folder without a run', () => ['report', photos], /There is no run in/],
  ])('%i: %s', async (wanted, _, words, message) => {
    const { code, err } = await steppe(...words());
    expect({ code, err: err.replace(/^(note|reading all files): .*\n/gm, '') }).toEqual({
      code: wanted,
      err: expect.stringMatching(message),
    });
    expect(err.replace(/^(note|reading all files): .*\n/gm, '')).toMatch(/^steppe: [^\n]+\n$/);
  });
});

test('a class whose name breaks a line stays one row', async () => {
  const odd = join(root, 'odd');
  await pictures(odd);
  await rename(join(odd, 'red'), join(odd, 'r\ne\u001bd'));
  const { code, out } = await steppe('data', odd, '--image-size', '8', '--workers', '0');
  expect(code).toBe(0);
  expect(out).toMatch(/^r\\u000ae\\u001bd +7 +1$/m);
});

test.each<readonly [string, RegExp]>([
  ['PK\u0003\u0004', /as torch\.save writes it.*save_file/],
  ['\u0080\u0002', /pickle.*save_file/],
  ['\u0089HDF\r\n', /HDF5 file, as Keras/],
  ['version https://git-lfs.github.com/spec/v1', /git lfs pull/],
  ['<!doctype html>', /is an HTML page/],
])('a file that begins with %j is named', (begin, message) => {
  expect(foreignWeights(Buffer.from(begin, 'latin1'))).toMatch(message);
});

test('a safetensors file is no foreign one', () => {
  expect(foreignWeights(Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}')]))).toBeUndefined();
});
