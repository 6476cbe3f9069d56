import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect } from 'vitest';
import { hessian, magnitudes, topEigenvalues, trace, worstCaseSharpness } from '../../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

const weight = fc.double({ min: 0.5, max: 2, noNaN: true }).map(Math.fround);

/** ½(uv - c)², of one example. */
const productLoss = (c: number) => (at: tf.Tensor, _: tf.Tensor) => {
  const [first, second] = tf.unstack(at) as [tf.Tensor, tf.Tensor];
  return tf.mul(tf.square(tf.sub(tf.mul(first, second), c)), 0.5);
};

property.prop([weight, weight], { seed: 8, numRuns: 3 })(
  'at a minimum of ½(uv - c)² sharpness is ½ρ²(u² + v²), and adaptive sharpness ρ²c², the same for all u and v',
  async (u, v) => {
    const w = tf.tensor1d([u, v]);
    const c = tf.tidy(() => tf.prod(w).dataSync()[0] as number);
    const loss = productLoss(c);
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

property.prop([weight, weight], { seed: 9, numRuns: 5 })(
  'at a minimum of ½(uv - c)² λ_max is the trace, u² + v², which is least where |u| = |v|',
  async (u, v) => {
    const at = async (first: number, second: number) => {
      const [w, batches] = [tf.tensor1d([first, second]), [tf.tensor1d([1])]];
      const H = hessian(productLoss(Math.fround(u) * Math.fround(v)), w, batches);
      const { values } = await topEigenvalues(H, { count: 2, tolerance: 1e-6 });
      const { value } = await trace(H, { sketch: 2, samples: 2 });
      tf.dispose([w, batches]);
      return { values, trace: value };
    };
    const found = await at(u, v);
    expect(found.values[0]).toBeCloseTo(u ** 2 + v ** 2, 4);
    expect(found.values[1]).toBeCloseTo(0, 4);
    expect(found.trace).toBeCloseTo(u ** 2 + v ** 2, 4);
    const balanced = await at(Math.sqrt(u * v), Math.sqrt(u * v));
    expect(balanced.values[0]).toBeCloseTo(2 * u * v, 4);
    expect(balanced.values[0] as number).toBeLessThanOrEqual((found.values[0] as number) + 1e-5);
  },
);
