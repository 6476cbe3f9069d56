import * as tf from '@tensorflow/tfjs';
import { expect, it, vi } from 'vitest';
import { capture, registerNative } from '../../src/index.ts';

await registerNative();
await tf.setBackend('native');

it('follows the keys of a second copy of the packages, as npm installs one where versions differ', async () => {
  vi.resetModules();
  const { foldIn, key, normal } = await import('@steppe/random');
  const noisy = (x: tf.Tensor1D, at: ReturnType<typeof key>): tf.Tensor1D => tf.add(x, normal(foldIn(at, 1), [3]));
  const captured = capture(noisy);
  const x = tf.tensor1d([1, 2, 3]);
  for (let step = 0; step < 12; step++) {
    const [given, expected] = [captured(x, key(step)), noisy(x, key(step))];
    expect(given.dataSync()).toEqual(expected.dataSync());
    tf.dispose([given, expected]);
  }
  captured.dispose();
  x.dispose();
});
