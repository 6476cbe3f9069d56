import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { expectNumbers, expectWorking, exponential, type Op, total } from './support/products.ts';

beforeAll(() => tf.setBackend('cpu'));
let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

describe('a gradient rule that another module has replaced', () => {
  /** Runs with another rule of an operation in tfjs's registry, and with this package loaded anew before or after
   * that. */
  async function replaced(
    when: 'before' | 'after',
    config: tf.GradConfig,
    run: (fresh: typeof import('../src/index.ts')) => void,
  ): Promise<void> {
    const original = tf.getGradient(config.kernelName);
    const replace = (to: tf.GradConfig): void => {
      tf.unregisterGradient(config.kernelName);
      tf.registerGradient(to);
    };
    vi.resetModules();
    try {
      if (when === 'before') replace(config);
      const fresh = await import('../src/index.ts');
      if (when === 'after') {
        expectFresh(fresh);
        replace(config);
      }
      run(fresh);
    } finally {
      replace(original);
    }
  }
  const twice = ({ hvp: fresh }: typeof import('../src/index.ts'), op: Op): number[] =>
    tf.tidy(() => [...fresh(total(op))(tf.tensor1d([0.5, -1]), null, tf.tensor1d([1, 2])).dataSync()]);
  const expectFresh = (fresh: typeof import('../src/index.ts')): void =>
    expectNumbers(
      twice(fresh, (x) => tf.exp(tf.square(x))),
      exponential,
    );

  const wrong: tf.GradConfig = {
    kernelName: 'Exp',
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => tf.mul(tf.mul(dy as tf.Tensor, 1.01), y as tf.Tensor) }),
  };
  const convolution: tf.GradConfig = {
    kernelName: 'Conv2DBackpropFilter',
    inputsToSave: ['x', 'dy'],
    gradFunc: (_, [x, dy]) => ({ x: () => tf.zerosLike(x as tf.Tensor), dy: () => tf.zerosLike(dy as tf.Tensor) }),
  };

  test('is looked for inside of a recording as well', async () => {
    vi.resetModules();
    const fresh = await import('../src/index.ts');
    const slopes = tf.tidy(() => {
      const v = tf.tensor1d([1, 2]);
      const curvature = (w: tf.Tensor1D, _: null): tf.Scalar =>
        tf.sum(fresh.hvp(total((x) => tf.pow(x, 3)))(w, null, v));
      return [
        ...fresh
          .valueAndGrad(curvature)(tf.tensor1d([0.5, -1]), null)
          .grads.dataSync(),
      ];
    });
    expectNumbers(slopes, [6, 12]);
  });

  const message = /^Second derivatives are wrong by .* on the cpu backend: another module has replaced a gradient rule/;

  test.each([wrong, convolution])(
    'by a wrong one, before this was loaded, fails the self-check: %o',
    async (config) => {
      await replaced('before', config, (fresh) => {
        expect(() => twice(fresh, tf.square)).toThrow(message);
      });
      expectWorking();
    },
  );

  test('by a right one, before this was loaded, is used', async () => {
    const right: tf.GradConfig = {
      ...wrong,
      gradFunc: (dy, [y]) => ({ x: () => tf.mul(y as tf.Tensor, dy as tf.Tensor) }),
    };
    await replaced('before', right, expectFresh);
  });

  test.each([wrong, convolution])('by a wrong one, at any time later, fails it too: %o', async (config) => {
    await replaced('after', config, (fresh) => expect(() => twice(fresh, tf.square)).toThrow(message));
    expectWorking();
  });
});
