import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test, vi } from 'vitest';
import { packagesBuilt } from '../../../../../tools/vitest/packages-built.ts';
import {
  type Augmentation,
  autoAugment,
  type BatchOptions,
  type ByteAugmentation,
  basicAugmentation,
  batches,
} from '../../../src/index.ts';
import { loadImageFolder, randomResizedCrop, withView } from '../../../src/node/index.ts';
import { folderOf, pictures } from './pictures.ts';

beforeAll(async () => {
  await packagesBuilt();
  await tf.setBackend('cpu');
});

const files = pictures(9, 'train/a', 'train/b', 'val/a');
const load = (folder: string, workers: number) => loadImageFolder(folder, { size: 16, workers, hash: 'names' });

async function hashOf(folder: string, workers: number, options: Partial<BatchOptions>): Promise<string> {
  const { train } = await load(folder, workers);
  const hash = createHash('sha256');
  const all = { batchSize: 4, seed: 5, shuffle: true, ...options };
  for await (const { images, labels } of batches(withView(train, randomResizedCrop(16)), all)) {
    hash.update(images.dataSync()).update(labels.dataSync());
    tf.dispose([images, labels]);
  }
  return hash.digest('hex');
}

test('Batches are the same whatever the number of threads, with our augmentations and with a user’s own', async () => {
  const folder = await folderOf(files);
  const own: Augmentation = (_, { pixels, shape }) => ({ pixels: pixels.map((x) => -x), shape });
  const ownBytes: ByteAugmentation = (_, { pixels, shape }) => ({ pixels: pixels.map((x) => 255 - x), shape });
  for (const changes of [
    { augment: basicAugmentation(), augmentBytes: autoAugment('imagenet') },
    { augment: own },
    { augmentBytes: ownBytes, skip: 1 },
  ]) {
    const none = await hashOf(folder, 0, changes);
    expect(await hashOf(folder, 1, changes)).toBe(none);
    expect(await hashOf(folder, 3, changes)).toBe(none);
    expect(await hashOf(folder, 3, { ...changes, prefetch: 0 })).toBe(none);
  }
});

test('What a survey finds is the same, too', async () => {
  vi.stubEnv('STEPPE_DATA', await folderOf({}));
  const folder = await folderOf(files);
  await truncate(join(folder, 'train/b/4.jpg'), 200);
  const loaded = [0, 2].map(async (workers) => {
    const { train, notes } = await loadImageFolder(folder, {
      size: 16,
      workers,
      onBroken: 'skip',
      normalization: 'measured',
    });
    return [train.labels.length, train.normalization, notes];
  });
  const [none, two] = await Promise.all(loaded);
  expect(two).toEqual(none);
  expect(none?.[0]).toBe(17);
  vi.unstubAllEnvs();
});

test('The first broken file of a batch is named, whichever thread meets it first', async () => {
  const folder = await folderOf(files);
  for (const name of ['train/a/1.jpg', 'train/a/2.jpg', 'train/a/3.jpg']) await truncate(join(folder, name), 100);
  const { train } = await load(folder, 3);
  const loop = async () => {
    for await (const { images, labels } of batches(train, { batchSize: 18 })) tf.dispose([images, labels]);
  };
  for (let i = 0; i < 5; i += 1) await expect(loop()).rejects.toThrow(/^train\/a\/1\.jpg cannot be read as an image/);
});

const leave = fileURLToPath(new URL('leave.mjs', import.meta.url));

test.each([
  ['end', 0, 'end after 9, 0 tensors'],
  ['break', 0, 'break after 1, 0 tensors'],
  ['throw', 0, 'thrown\nthrow after 1, 0 tensors'],
  ['abort', 0, 'aborted\nabort after 1, 0 tensors'],
  ['exit', 3, ''],
])('A process whose loop ends by %s ends by itself', async (way, code, said) => {
  const folder = await folderOf(files);
  const args = [leave, folder, way, '2'];
  const ended = promisify(execFile)(process.execPath, args, { timeout: 50_000 }).then(
    ({ stdout }) => [0, stdout.trim()],
    ({ code: failed, stdout }: { readonly code: number; readonly stdout: string }) => [failed, stdout.trim()],
  );
  expect(await ended).toEqual([code, said]);
});

const die = fileURLToPath(new URL('die.mjs', import.meta.url));

test('Another thread takes the place of one that has died', async () => {
  const folder = await folderOf(files);
  const { stdout } = await promisify(execFile)(process.execPath, [die, folder, '2'], { timeout: 50_000 });
  expect(stdout).toMatch(/^first 18\nended (18|A thread that decodes images ended\.)\nagain 18 0\n$/);
});
