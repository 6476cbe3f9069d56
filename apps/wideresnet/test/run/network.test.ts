import { key } from '@steppe/random';
import { dispose, size } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import { makeNetwork, sizeOf, titleOf } from '../../src/run/network.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('a WideResNet', () => {
  const classes = (count: number) => Array.from({ length: count }, (_, i) => String(i));

  test.each([
    [10, 1, [28, 28, 1], 10],
    [16, 2, [32, 32, 3], 100],
    [22, 1, [27, 27, 3], 3],
  ] as const)(
    '%i-%i on images of %j has as many parameters as was said before it was made',
    (depth, width, shape, count) => {
      const options = { network: 'wideresnet', depth, width, dropout: 0 } as const;
      const dataset = { classes: classes(count), shape };
      const made = makeNetwork(options, dataset).init(key(0), shape);
      expect(sizeOf(options, dataset)?.parameters).toBe(size(made.params));
      dispose(made);
    },
  );

  test('of the paper has the parameters that were published', () => {
    const options = { network: 'wideresnet', depth: 28, width: 10, dropout: 0 } as const;
    expect(sizeOf(options, { classes: classes(10), shape: [32, 32, 3] })?.parameters).toBe(36_479_194);
    expect(titleOf(options)).toBe('WRN-28-10');
  });
});
