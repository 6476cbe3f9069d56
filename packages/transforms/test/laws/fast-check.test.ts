import { leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { expect, test, vi } from 'vitest';
import { scale } from '../../src/index.ts';
import { checkLaws, laws } from '../../src/laws/index.ts';

test('without fast-check the laws say how to install it', async () => {
  vi.doMock('fast-check', () => {
    throw new Error("Cannot find package 'fast-check'");
  });
  try {
    await expect(checkLaws(scale(2))).rejects.toThrow(
      'The laws draw their trees with fast-check, which did not load: npm install --save-dev fast-check',
    );
  } finally {
    vi.doUnmock('fast-check');
  }
});

test.each([
  [{ numRuns: 0 }, 'numRuns must be a positive whole number, got 0.'],
  [{ seed: Number.NaN }, 'seed must be a finite number, got NaN.'],
  [{ runs: 3 } as object, 'a law has no option "runs": it takes numRuns, seed.'],
])('refuses %o as options', async (options, message) => {
  await expect(laws[0]?.check(scale(2), options)).rejects.toThrow(message);
});

test('refuses what is no link', async () => {
  await expect(checkLaws(scale as never)).rejects.toThrow('link must be a transformation such as scale(-0.1)');
});

test('as many trees are drawn as were asked for, the same ones for a seed, and nothing is left', async () => {
  await tf.setBackend('cpu');
  const shapes: string[][] = [];
  const link = {
    ...scale(2),
    init: (params: Tree) => {
      shapes.at(-1)?.push(
        leaves(params)
          .map(({ path, leaf }) => `${path} [${leaf.shape}]`)
          .join(),
      );
      return null;
    },
  };
  const before = tf.memory().numTensors;
  for (const seed of [1, 1, 2]) {
    shapes.push([]);
    await laws[1]?.check(link, { numRuns: 9, seed });
  }
  expect(shapes[0]).toEqual(shapes[1]);
  expect(shapes[0]).not.toEqual(shapes[2]);
  expect(tf.memory().numTensors).toBe(before);
});
