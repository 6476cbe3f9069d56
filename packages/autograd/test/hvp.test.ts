import { readFileSync } from 'node:fs';
import { useBackend } from '@steppe/backends';
import { dispose, dot, leaves, map, type Tree, zip } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hvp, jvp, valueAndGrad } from '../src/index.ts';
import { type Batch, loss, makeBatch, type Params, paramsLike } from './support/network.ts';

const vectors = JSON.parse(readFileSync(new URL('fixtures/sam_vectors.json', import.meta.url), 'utf8'));
const numbers = (tree: Tree): number[] => leaves(tree).flatMap(({ leaf }) => [...leaf.dataSync()]);
const plus = (a: Params, b: Params, by: number): Params =>
  zip([a, b], ([x, y]) => tf.add(x as tf.Tensor, tf.mul(y as tf.Tensor, by)));
const value = (scalar: tf.Tensor): number => scalar.dataSync()[0] as number;

/** The largest difference, relative to the largest number. */
function distance(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN)))) / Math.max(...b.map(Math.abs));
}

const expectClose = (a: Tree, b: Tree, tolerance: number): void =>
  expect(distance(numbers(a), numbers(b))).toBeLessThan(tolerance);

describe.each(['cpu', 'wasm'] as const)('on %s, of a convolutional network', (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
  });
  let before = 0;
  beforeEach(() => {
    before = tf.memory().numTensors;
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
    expect(tf.memory().numTensors).toBe(before);
  });

  const product = (v: Params): Params => hvp<Params, Batch>(loss)(paramsLike(0), makeBatch(), v);

  test('the Hessian is symmetric: ⟨u, Hv⟩ = ⟨v, Hu⟩', () => {
    const [u, v] = [paramsLike(11), paramsLike(12)];
    const [uHv, vHu] = [value(dot(u, product(v))), value(dot(v, product(u)))];
    expect(Math.abs(uHv / vHu - 1)).toBeLessThan(1e-4);
  });

  test('the product is linear: H(u - 3v) = Hu - 3Hv, and H0 = 0', () => {
    const [u, v] = [paramsLike(11), paramsLike(12)];
    expectClose(product(plus(u, v, -3)), plus(product(u), product(v), -3), 1e-5);
    expect(new Set(numbers(product(map(u, (leaf) => tf.zerosLike(leaf)))).map(Math.abs))).toEqual(new Set([0]));
  });

  test('it is the derivative of the gradient', () => {
    const [w, v] = [paramsLike(0), paramsLike(11)];
    const at = (step: number): Params =>
      valueAndGrad<Params, Batch, tf.Tensor>(loss)(plus(w, v, step), makeBatch()).grads;
    const difference = plus(at(2e-3), at(-2e-3), -1);
    expectClose(
      product(v),
      map(difference, (leaf) => tf.div(leaf, 4e-3)),
      2e-3,
    );
  });

  test('v may hold the very tensors of the parameters, and stays a constant', () => {
    const w = paramsLike(0);
    expectClose(hvp<Params, Batch>(loss)(w, makeBatch(), w), product(paramsLike(0)), 1e-6);
  });

  test('parameters that the loss does not use get zeros; a loss that uses none is refused', () => {
    const w = { used: paramsLike(0), unused: [tf.ones([2, 3])] };
    const v = { used: paramsLike(11), unused: [tf.ones([2, 3])] };
    const both = hvp(({ used }: typeof w, batch: Batch) => loss(used, batch))(w, makeBatch(), v);
    expectClose(both.used, product(paramsLike(11)), 1e-6);
    expect(numbers(both.unused)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(() => hvp(() => tf.scalar(1))(w.unused, null, v.unused)).toThrow('The loss uses none of the parameters');
  });

  test('a parameter on which the loss depends linearly gets zeros', () => {
    const w = { a: tf.tensor1d([1, 2]), b: tf.tensor1d([3, 4]) };
    const curved = hvp((p: typeof w, _: null) => tf.sum<tf.Scalar>(tf.add(p.a, tf.exp(p.b))))(w, null, w);
    expect(numbers(curved.a)).toEqual([0, 0]);
    expect(distance(numbers(curved.b), [3 * Math.exp(3), 4 * Math.exp(4)])).toBeLessThan(1e-5);
  });

  test('jvp of the logits is their difference, and of the loss its slope ⟨∇L, v⟩', () => {
    const [w, v, batch] = [paramsLike(0), paramsLike(11), makeBatch()];
    const logits = (p: Params, b: Batch): tf.Tensor => loss(p, b)[1];
    const [, tangent] = jvp(logits)(w, batch, v);
    const [ahead, behind] = [logits(plus(w, v, 2e-3), batch), logits(plus(w, v, -2e-3), batch)];
    expectClose(tangent, tf.div(tf.sub(ahead, behind), 4e-3), 2e-3);
    const [primal, slope] = jvp((p: Params, b: Batch) => loss(p, b)[0])(w, batch, v);
    const { value: same, grads } = valueAndGrad<Params, Batch, tf.Tensor>(loss)(w, batch);
    expect(value(primal)).toBeCloseTo(value(same), 6);
    expect(value(slope)).toBeCloseTo(value(dot(grads, v)), 4);
  });

  test('third derivatives are the difference of second ones, and symmetric: ∇⟨u, Hv⟩·z = ∇⟨u, Hz⟩·v', () => {
    const [w, batch] = [paramsLike(0), makeBatch()];
    const [u, v, z] = [paramsLike(11), paramsLike(12), paramsLike(13)];
    const curvature =
      (a: Params) =>
      (p: Params, x: Batch): tf.Scalar =>
        dot(u, hvp<Params, Batch>(loss)(p, x, a));
    const third = (a: Params, b: Params): number => value(dot(valueAndGrad(curvature(a))(w, batch).grads, b));
    const at = (step: number): number => value(curvature(v)(plus(w, z, step), batch));
    expect(third(v, z) / ((at(2e-3) - at(-2e-3)) / 4e-3)).toBeCloseTo(1, 2);
    expect(third(v, z) / third(z, v)).toBeCloseTo(1, 3);
  });

  test('a loop leaves its results and nothing else', () => {
    const [w, v, batch] = [paramsLike(0), paramsLike(11), makeBatch()];
    const start = tf.memory().numTensors;
    const results = Array.from({ length: 10 }, () => [
      hvp<Params, Batch>(loss)(w, batch, v),
      ...jvp((p: Params, b: Batch) => loss(p, b)[1])(w, batch, v),
    ]);
    expect(tf.memory().numTensors - start).toBe(10 * (6 + 2));
    dispose(results);
    expect(tf.memory().numTensors).toBe(start);
  });

  test('an exception inside leaves nothing', () => {
    const [w, v, batch] = [paramsLike(0), paramsLike(11), makeBatch()];
    const failing = (p: Params, b: Batch): tf.Scalar => {
      loss(p, b);
      throw new Error('in the loss');
    };
    const start = tf.memory().numTensors;
    expect(() => hvp(failing)(w, batch, v)).toThrow('in the loss');
    expect(() => jvp(failing)(w, batch, v)).toThrow('in the loss');
    const wider = { ...v, dense: [v.dense[0], v.dense[0]] as const };
    const message = 'v has shape [4,3] at ".dense[1]", the parameter has [3]: give it the shapes of the parameters.';
    expect(() => hvp<Params, Batch>(loss)(w, batch, wider)).toThrow(message);
    expect(() => jvp((p: Params, b: Batch) => loss(p, b)[0])(w, batch, wider)).toThrow(message);
    expect(() => hvp<Tree, Batch>((p, b) => loss(p as Params, b))(w, batch, { stem: v.stem })).toThrow();
    expect(tf.memory().numTensors).toBe(start);
  });

  test('the Hessian of a logistic regression is the explicit one', () => {
    const { inputs, expected } = vectors['hessian/logreg'];
    const [x, y] = [tf.tensor2d(inputs.X), tf.tensor1d(inputs.y)];
    const regression = (w: tf.Tensor1D, _: null): tf.Scalar => {
      const z = tf.dot(x, w);
      return tf.mean(tf.sub(tf.softplus(z), tf.mul(y, z)));
    };
    const columns = [[1, 0], [0, 1], inputs.v].map((v: number[]) =>
      numbers(hvp(regression)(tf.tensor1d(inputs.w), null, tf.tensor1d(v))),
    );
    for (const [i, column] of [...expected.H, expected.Hv].entries())
      expect(distance(columns[i] ?? [], column)).toBeLessThan(2e-5);
  });
});

test('cpu and wasm agree on Hv and on Jv', async () => {
  const on = async (backend: 'cpu' | 'wasm'): Promise<number[][]> => {
    await useBackend(backend);
    return tf.tidy(() => {
      const [w, v, batch] = [paramsLike(0), paramsLike(11), makeBatch()];
      return [
        numbers(hvp<Params, Batch>(loss)(w, batch, v)),
        numbers(jvp((p: Params, b: Batch) => loss(p, b)[1])(w, batch, v)[1]),
      ];
    });
  };
  const [cpu, wasm] = [await on('cpu'), await on('wasm')];
  expect(distance(wasm[0] ?? [], cpu[0] ?? [])).toBeLessThan(1e-5);
  expect(distance(wasm[1] ?? [], cpu[1] ?? [])).toBeLessThan(1e-5);
});
