import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect } from 'vitest';
import { magnitudes, worstCaseSharpness } from '../../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

const weight = fc.double({ min: 0.5, max: 2, noNaN: true }).map(Math.fround);

property.prop([weight, weight], { seed: 8, numRuns: 3 })(
  'at a minimum of ½(uv - c)² sharpness is ½ρ²(u² + v²), and adaptive sharpness ρ²c², the same for all u and v',
  async (u, v) => {
    const w = tf.tensor1d([u, v]);
    const c = tf.tidy(() => tf.prod(w).dataSync()[0] as number);
    const loss = (at: tf.Tensor, _: tf.Tensor) => {
      const [first, second] = tf.unstack(at) as [tf.Tensor, tf.Tensor];
      return tf.mul(tf.square(tf.sub(tf.mul(first, second), c)), 0.5);
    };
    const batches = [tf.tensor1d([1])];
    const scale = magnitudes(w);
    const rho = 2 ** -7;
    const options = { rho, iterations: 30, restarts: 1 };
    const plain = await worstCaseSharpness(loss, w, batches, options);
    const adaptive = await worstCaseSharpness(loss, w, batches, { ...options, scale });
    expect(plain.value / (0.5 * rho ** 2 * (u ** 2 + v ** 2))).toBeCloseTo(1, 1);
    expect(adaptive.value / (rho * c) ** 2).toBeCloseTo(1, 1);
    tf.dispose([w, batches, scale]);
  },
);
