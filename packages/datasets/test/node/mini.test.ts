import { readFile } from 'node:fs/promises';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { fromIdx, type Labels, type Split } from '../../src/index.ts';
import { loadDataset } from '../../src/node/index.ts';
import { whenInstalled } from './official.ts';

const counts = (labels: Labels): number[] =>
  [...labels].reduce((n, label) => n.with(label, n[label]! + 1), Array<number>(10).fill(0));

describe('The shipped subset', () => {
  test('is called fashion-mnist-mini, and has 500 + 100 images of each class', async () => {
    const { name, source, classes, shape, train, test: held } = await loadDataset('fashion-mnist-mini');
    expect(name).toBe('fashion-mnist-mini');
    expect(source).toBe('the shipped subset fashion-mnist-mini, 5,000 training and 1,000 test images (as named)');
    expect([classes.length, shape]).toEqual([10, [28, 28, 1]]);
    expect(counts(train.labels)).toEqual(Array(10).fill(500));
    expect(counts(held.labels)).toEqual(Array(10).fill(100));
  });

  test('is not sorted by class, so that batches without shuffling are mixed', async () => {
    const { train } = await loadDataset('fashion-mnist-mini');
    expect(Math.max(...counts(train.labels.subarray(0, 1000)))).toBeLessThan(140);
  });

  test('is in the package as idx files in brotli, which a browser reads by fromIdx when the server says so', async () => {
    const folder = new URL('../../data/fashion-mnist-mini/', import.meta.url);
    const unpack = async (name: string) => new Uint8Array(brotliDecompressSync(await readFile(new URL(name, folder))));
    const split = fromIdx(await unpack('t10k-images-idx3-ubyte.br'), await unpack('t10k-labels-idx1-ubyte.br'));
    const { images, labels } = (await loadDataset('fashion-mnist-mini')).test;
    expect(Buffer.compare(split.images, images)).toBe(0);
    expect(split.labels).toEqual(labels);
    expect(await readFile(new URL('LICENSE', folder), 'utf8')).toContain('Copyright © 2017 Zalando SE');
  });

  whenInstalled('is the first images of each class of the official files, in their order', async () => {
    const [whole, mini] = [
      await loadDataset('fashion-mnist', { folder: '/nonexistent' }),
      await loadDataset('fashion-mnist-mini'),
    ];
    const first = ({ images, labels }: Split, perClass: number): Buffer => {
      const left = Array<number>(10).fill(perClass);
      const chosen = [...labels.keys()].filter((i) => {
        left[labels[i]!]! -= 1;
        return left[labels[i]!]! >= 0;
      });
      return Buffer.concat(chosen.map((i) => images.subarray(i * 784, (i + 1) * 784)));
    };
    expect(Buffer.compare(first(whole.train, 500), mini.train.images)).toBe(0);
    expect(Buffer.compare(first(whole.test, 100), mini.test.images)).toBe(0);
  });
});
