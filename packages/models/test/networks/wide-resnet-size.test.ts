import { valueAndGrad } from '@steppe/autograd';
import { key } from '@steppe/random';
import { dispose, size } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type WideResNetParams, wideResNet, wideResNetSize } from '../../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('The size of a WideResNet', () => {
  test.each([
    [10, 1, 10, 1],
    [16, 1, 100, 3],
    [16, 4, 10, 3],
    [28, 2, 7, 1],
    [40, 1, 2, 3],
  ])(
    'WRN-%i-%i for %i classes of %i channels is that of the network that is built',
    (depth, width, classes, channels) => {
      const built = wideResNet({ depth, width, classes }).init(key(0), [8, 8, channels]);
      const { parameters, state } = wideResNetSize({ depth, width, classes }, [8, 8, channels]);
      expect([parameters, state]).toEqual([size(built.params), size(built.state)]);
      dispose(built);
    },
  );

  test('is the published one of WRN-28-10 and WRN-16-4', () => {
    const parametersOf = (depth: number, width: number): number =>
      wideResNetSize({ depth, width, classes: 10 }, [32, 32, 3]).parameters;
    expect([parametersOf(28, 10), parametersOf(16, 4)]).toEqual([36_479_194, 2_748_890]);
  });

  test('is at most what a gradient takes at its peak, so that nothing is refused that would fit', async () => {
    const shape = [12, 12, 3] as const;
    const options = { depth: 10, width: 1, classes: 10 };
    const network = wideResNet(options);
    const { params, state } = network.init(key(0), shape);
    const images = tf.ones<tf.Rank.R4>([8, ...shape]);
    const gradient = valueAndGrad((weights: WideResNetParams) =>
      tf.mean<tf.Scalar>(network.apply(weights, state, images, { training: true })[0]),
    );
    const before = tf.memory().numBytes;
    const { peakBytes } = await tf.profile(() => gradient(params, null).value);
    const { parameters, activations } = wideResNetSize(options, shape);
    const estimate = 4 * (parameters + 8 * activations);
    expect(estimate).toBeLessThan(peakBytes - before);
    expect(5 * estimate).toBeGreaterThan(peakBytes - before);
    dispose(params, state, images);
  });

  test.each([
    [1_000_006, 1],
    [6e14 + 4, 1],
    [10, 1e9],
    [28, 1e150],
  ])('of WRN-%d-%d, which no machine holds, is told at once', (depth, width) => {
    const { parameters, activations } = wideResNetSize({ depth, width, classes: 10 }, [28, 28, 1]);
    expect(parameters).toBeGreaterThan(1e9);
    expect(activations).toBeGreaterThan(1e9);
  });
});
