import { fc, test as property } from '@fast-check/vitest';
import { key, normals } from '@steppe/random';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect } from 'vitest';
import { fisherRaoNorm, hessian, relativeFlatness, trace } from '../../src/index.ts';
import { asOne, type Batch, classification, regression, wholeOf } from '../support/classification.ts';

beforeAll(() => tf.setBackend('cpu'));

/** Softmax regression with a bias. */
type Affine = { readonly kernel: tf.Tensor; readonly bias: tf.Tensor };
const affine = {
  outputs: ({ kernel, bias }: Affine, batch: Batch) => tf.add(regression.outputs(kernel, batch) as tf.Tensor, bias),
  loss: regression.loss,
};

const sum = (xs: readonly number[], f: (x: number, i: number) => number): number =>
  xs.reduce((total, x, i) => total + f(x, i), 0);
const mean = (xs: readonly number[]): number => sum(xs, (x) => x) / xs.length;
const near = (found: number, wanted: number, share = 1e-4) =>
  expect(Math.abs(found / wanted - 1), `${found} for ${wanted}`).toBeLessThan(share);

/** What the closed forms are made of, example by example, in float64: ‖x‖², the logits, p = softmax and the class. */
function examplesOf(batches: readonly Batch[], weights: readonly (readonly number[])[], bias: readonly number[]) {
  const { x, y } = asOne(batches);
  const [rows, classes] = [x.arraySync() as number[][], [...y.dataSync()]];
  dispose(x, y);
  return rows.map((row, i) => {
    const logits = weights.map((w, s) => sum(w, (each, j) => each * (row[j] as number)) + (bias[s] as number));
    const total = sum(logits, (f) => Math.exp(f));
    return {
      square: sum(row, (v) => v ** 2),
      logits,
      p: logits.map((f) => Math.exp(f) / total),
      label: classes[i] as number,
    };
  });
}

property.prop([fc.nat(50), fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 })], {
  seed: 41,
  numRuns: 4,
})(
  'softmax regression has the trace, the relative flatness and the Fisher-Rao norm of the closed forms, also with a bias',
  async (seed, sizes) => {
    const batches = classification(sizes, seed);
    const drawn = [...normals(key(seed), 9)];
    const kernel = tf.tensor2d(drawn.slice(0, 6), [2, 3]);
    const params = { kernel, bias: tf.tensor1d(drawn.slice(6)) };
    const rows = [0, 1, 2].map((s) => [drawn[s], drawn[3 + s]] as [number, number]);

    // κ = mean ‖x‖²(Σ_s p_s‖w_s‖² - ‖Σ_s p_s·w_s‖²), tr H = mean ‖x‖²(1 - ‖p‖²).
    const plain = examplesOf(batches, rows, [0, 0, 0]);
    const spread = (p: readonly number[]) =>
      sum(p, (ps, s) => ps * sum(rows[s] as number[], (w) => w ** 2)) -
      sum([0, 1], (_, j) => sum(p, (ps, s) => ps * (rows[s]?.[j] as number)) ** 2);
    const H = hessian(wholeOf(regression), kernel, batches);
    const flat = await relativeFlatness(H, { layer: '', samples: 'all' });
    near(flat.value, mean(plain.map(({ square, p }) => square * spread(p))));
    expect([flat.standardError, flat.products]).toEqual([0, 6]);
    const curved = await trace(H, { sketch: 6, samples: 2 });
    near(curved.value, mean(plain.map(({ square, p }) => square * (1 - sum(p, (ps) => ps ** 2)))));

    // √(E ⟨p - e_y, f⟩²), with L = 0.
    const norm = await fisherRaoNorm(regression, kernel, batches, { layers: 1 });
    const inner = plain.map(({ p, logits, label }) =>
      sum(p, (ps, s) => (ps - (s === label ? 1 : 0)) * (logits[s] as number)),
    );
    near(norm.value, Math.sqrt(mean(inner.map((v) => v ** 2))));

    // With a bias each example counts for ‖x‖² + 1.
    const shifted = examplesOf(batches, rows, drawn.slice(6));
    const whole = await trace(hessian(wholeOf(affine), params, batches), { sketch: 9, samples: 2 });
    near(whole.value, mean(shifted.map(({ square, p }) => (square + 1) * (1 - sum(p, (ps) => ps ** 2)))));
    dispose(params, batches as never);
  },
);
