import '@tensorflow/tfjs';
import { fc, test } from '@fast-check/vitest';
import { BatchNormEval } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { registerNative, trainingBatchNorm } from '../src/index.ts';
import { expectClose } from './support/backends.ts';
import { firstOf, type Inputs, secondOf, sumOf } from './support/derivatives.ts';

await registerNative();
await tf.setBackend('native');
afterAll(() => tf.setBackend('cpu'));

const EPSILON = 1e-3;

type Norm = (...inputs: Inputs) => tf.Tensor;

const composed =
  (relu: boolean): Norm =>
  (x, scale, offset) => {
    const centered = tf.sub(x, tf.mean(x, 0));
    const variance = tf.mean(tf.square(centered), 0);
    const y = tf.add(tf.mul(tf.mul(centered, tf.rsqrt(tf.add(variance, EPSILON))), scale), offset);
    return relu ? tf.relu(y) : y;
  };
const fused =
  (relu: boolean): Norm =>
  (x, scale, offset) =>
    trainingBatchNorm(x, scale as tf.Tensor1D, offset as tf.Tensor1D, { epsilon: EPSILON, relu }).y;

const given = [1, 2].map((statistic) => (channels: number) => tf.add(tf.range(0, channels), statistic));

/** By given statistics, other ones for each channel. */
const composedEval =
  (relu: boolean): Norm =>
  (x, scale, offset) => {
    const [mean, variance] = given.map((of) => tf.mul(of(scale.size), 1 / scale.size)) as [tf.Tensor, tf.Tensor];
    const y = tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPSILON))), scale), offset);
    return relu ? tf.relu(y) : y;
  };
const fusedEval =
  (relu: boolean): Norm =>
  (x, scale, offset) => {
    const [mean, variance] = given.map((of) => tf.mul(of(scale.size), 1 / scale.size)) as [tf.Tensor, tf.Tensor];
    return tf
      .engine()
      .runKernel(BatchNormEval, { x, scale, offset, mean, variance }, { epsilon: EPSILON, relu }) as tf.Tensor;
  };

const kinds = [
  { name: 'by the statistics of the batch', composed, fused },
  { name: 'by given statistics', composed: composedEval, fused: fusedEval },
];

const floats = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);

/** The moments of a channel, and its normalized numbers, in float64. */
function normed64(x: readonly number[], channel: number, channels: number): { xs: number[]; r: number } {
  const own = x.filter((_, i) => i % channels === channel);
  const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
  const r = 1 / Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length + EPSILON);
  return { xs: own.map((value) => (value - mean) * r), r };
}

const masksOf = (x: number[], scale: number[], offset: number[], channels: number): number[] => {
  const columns = scale.map((_, c) => normed64(x, c, channels).xs);
  return x.map((_, i) => {
    const c = i % channels;
    const y = (columns[c]?.[Math.floor(i / channels)] as number) * (scale[c] as number) + (offset[c] as number);
    return y > 0 ? 1 : 0;
  });
};

/** The gradients by x, scale and offset in float64, of what relu lets through. */
function gradients64(x: readonly number[], d: readonly number[], scale: readonly number[]): number[][] {
  const channels = scale.length;
  const [dx, dscale, doffset]: [number[], number[], number[]] = [x.map(() => 0), [], []];
  for (let c = 0; c < channels; c++) {
    const { xs, r } = normed64(x, c, channels);
    const own = d.filter((_, i) => i % channels === c);
    const sum = own.reduce((total, value) => total + value, 0);
    const along = own.reduce((total, value, i) => total + value * (xs[i] as number), 0);
    own.forEach((value, i) => {
      dx[i * channels + c] =
        (scale[c] as number) * r * (value - sum / own.length - ((xs[i] as number) * along) / own.length);
    });
    dscale.push(along);
    doffset.push(sum);
  }
  return [dx, dscale, doffset];
}

describe.each(kinds)('normalization $name', ({ composed, fused }) => {
  test.prop([fc.integer({ min: 1, max: 300 }), fc.constantFrom(1, 3, 16, 31, 64, 4096), fc.nat(1000)], { numRuns: 20 })(
    'and its gradient are those of the composition',
    (rows, channels, seed) => {
      tf.tidy(() => {
        const x = tf.add(tf.randomNormal([rows, channels], 0, 1, 'float32', seed), 5);
        const scale = tf.randomUniform([channels], 0.5, 2, 'float32', seed + 1);
        const inputs: Inputs = [x, scale, tf.randomNormal([channels], 0, 1, 'float32', seed + 2)];
        const weights = tf.randomNormal([rows, channels], 0, 1, 'float32', seed + 3);
        expectClose(fused(true)(...inputs).dataSync(), composed(true)(...inputs).dataSync(), 1e-4, 'y');
        const expected = firstOf(composed(true), inputs, weights);
        firstOf(fused(true), inputs, weights).forEach((gradient, i) => {
          expectClose(gradient.dataSync(), expected[i]?.dataSync() ?? [], 1e-3, `gradient ${i}`);
        });
      });
    },
  );

  test.prop([fc.integer({ min: 2, max: 300 }), fc.constantFrom(1, 3, 31, 64, 4096), fc.boolean(), fc.nat(1000)], {
    numRuns: 15,
  })('has the second derivatives of the composition', (rows, channels, relu, seed) => {
    tf.tidy(() => {
      const x = tf.add(tf.randomNormal([rows, channels], 0, 1, 'float32', seed), 2);
      const scale = tf.randomUniform([channels], 0.5, 2, 'float32', seed + 1);
      const inputs: Inputs = [x, scale, tf.randomNormal([channels], 0, 1, 'float32', seed + 2)];
      const dy = floats(x.shape, seed + 3);
      const along: Inputs = [floats(x.shape, seed + 4), floats([channels], seed + 5), floats([channels], seed + 6)];
      const expected = secondOf(composed(relu), inputs, dy, along);
      secondOf(fused(relu), inputs, dy, along).forEach((gradient, i) => {
        expectClose(gradient.dataSync(), expected[i]?.dataSync() ?? [], 1e-3, `gradient ${i}`);
      });
    });
  });

  it('has third derivatives, by basic operations', () => {
    tf.tidy(() => {
      const inputs: Inputs = [floats([7, 3], 0), tf.tensor1d([1, 0.5, 2]), tf.tensor1d([0.1, 0, -1])];
      const along: Inputs = [floats([7, 3], 1), floats([3], 2), floats([3], 3)];
      const third = (norm: Norm): tf.Tensor =>
        tf.grad((x) => sumOf(secondOf(norm, [x, inputs[1], inputs[2]], floats([7, 3], 4), along).map(tf.square)))(
          inputs[0],
        );
      expectClose(third(fused(true)).dataSync(), third(composed(true)).dataSync(), 1e-3, 'third derivative');
    });
  });
});

describe('trainingBatchNorm', () => {
  it('has the second derivatives that differences in float64 give', () => {
    const [rows, channels] = [6, 2];
    const inputs: Inputs = [floats([rows, channels], 5), tf.tensor1d([1.5, -0.5]), tf.tensor1d([0.2, 0.1])];
    const [dy, along]: [tf.Tensor, Inputs] = [
      floats([rows, channels], 6),
      [floats([rows, channels], 7), floats([channels], 8), floats([channels], 9)],
    ];
    const [x, scale, offset] = inputs.map((t) => [...t.dataSync()]) as [number[], number[], number[]];
    const cotangents = along.map((t) => [...t.dataSync()]) as [number[], number[], number[]];
    const masked = masksOf(x, scale, offset, channels);
    /** ⟨along, gradients⟩ in float64, relu's piece kept. */
    const sumAt = (at: number[], d: number[], by: number[]): number =>
      gradients64(
        at,
        d.map((value, i) => value * (masked[i] as number)),
        by,
      ).reduce(
        (sum, gradient, k) => sum + gradient.reduce((part, g, i) => part + g * (cotangents[k]?.[i] as number), 0),
        0,
      );
    const d = [...dy.dataSync()];
    const slopes = (start: number[], f: (moved: number[]) => number): number[] =>
      start.map((value, i) => (f(start.with(i, value + 1e-5)) - f(start.with(i, value - 1e-5))) / 2e-5);
    const expected = [
      slopes(d, (moved) => sumAt(x, moved, scale)),
      slopes(x, (moved) => sumAt(moved, d, scale)),
      slopes(scale, (moved) => sumAt(x, d, moved)),
    ];
    tf.tidy(() => {
      secondOf(fused(true), inputs, dy, along).forEach((gradient, i) => {
        expectClose(gradient.dataSync(), expected[i] ?? [], 1e-4, `gradient ${i}`);
      });
    });
    tf.dispose([...inputs, dy, ...along]);
  });

  it('returns the biased statistics of the batch, also far from zero', () => {
    tf.tidy(() => {
      const { mean, variance } = trainingBatchNorm(tf.tensor2d([[10_001], [10_003]]), tf.ones([1]), tf.zeros([1]));
      expect([...mean.dataSync(), ...variance.dataSync()]).toEqual([10_002, 1]);
    });
  });

  it('refuses shapes that do not fit', () => {
    expect(() => trainingBatchNorm(tf.ones([2, 3]), tf.ones([2]), tf.zeros([3]))).toThrow(
      /as many channels as scale and offset/,
    );
  });
});
