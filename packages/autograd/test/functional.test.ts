import { dispose, leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { valueAndGrad } from '../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

/** Every test frees what it makes: what is left over afterwards leaked. */
let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors - before).toBe(0));

const numbers = (tree: Tree): number[] => leaves(tree).flatMap(({ leaf }) => [...leaf.dataSync()]);

type Params = { readonly w: tf.Tensor2D; readonly b: tf.Tensor1D };
type Rows = { readonly x: tf.Tensor2D; readonly y: tf.Tensor2D };

const at = (): Params => ({ w: tf.tensor2d([0.5, -1, 2, 0.25], [2, 2]), b: tf.tensor1d([0.1, -0.3]) });
const rows = (): Rows => ({ x: tf.tensor2d([1, 2, -1, 0.5], [2, 2]), y: tf.tensor2d([1, 0, 0, 1], [2, 2]) });

const outputs = ({ w, b }: Params, { x }: Rows) => tf.tanh(tf.add(tf.matMul(x, w), b));
const loss = (given: tf.Tensor, { y }: Rows) => tf.mean(tf.square(tf.sub(given, y)));
const parts = valueAndGrad({ outputs, loss });

describe('a loss in two parts', () => {
  test('has the value, gradient and second derivatives of the whole, bit for bit', () => {
    const [w, batch, v] = [at(), rows(), at()];
    const whole = valueAndGrad((params: Params, examples: Rows) => loss(outputs(params, examples), examples));
    const [{ cotangent, ...got }, wanted] = [parts(w, batch), whole(w, batch)];
    expect(numbers(got)).toEqual(numbers(wanted));
    const products = [parts.hvp(w, batch, v), whole.hvp(w, batch, v)] as const;
    expect(numbers(products[0])).toEqual(numbers(products[1]));
    dispose(w, batch, v, cotangent, got, wanted, products);
  });

  test('knows the cotangent, and the product by the Jacobian, which give the gradient at the same point', () => {
    const [w, batch] = [at(), rows()];
    const { cotangent, ...evaluation } = parts(w, batch);
    const difference = tf.tidy(() => tf.div(tf.sub(outputs(w, batch), batch.y), 2));
    expect(numbers(cotangent)).toEqual(numbers(difference));
    const product = parts.functional(w, batch, cotangent);
    expect(numbers(product)).toEqual(numbers(evaluation.grads));
    dispose(w, batch, cotangent, evaluation, difference, product);
  });

  test('elsewhere the product moves the Jacobian alone: by hand', () => {
    const f = valueAndGrad({
      outputs: ({ a }: { a: tf.Tensor }, _: null) => ({ cubes: tf.pow(a, 3), same: a, whole: tf.scalar(3, 'int32') }),
      loss: ({ cubes, same }) => tf.sum(tf.mul(tf.square(cubes), same)),
    });
    const [w, elsewhere] = [{ a: tf.tensor1d([2]) }, { a: tf.tensor1d([3]) }];
    const evaluation = f(w, null);
    // ℓ = c²·s: by c it is 2cs = 32, by s it is c² = 64, though s and c are made of one tensor.
    expect(numbers(evaluation.cotangent)).toEqual([32, 64]);
    expect(evaluation.cotangent).toMatchObject({ whole: null });
    const product = f.functional(elsewhere, null, evaluation.cotangent);
    expect(numbers(product)[0]).toBeCloseTo(27 * 32 + 64, 3);
    dispose(w, elsewhere, evaluation, product);
  });

  test('of chosen leaves, the others are spared, and the cotangent is whole', () => {
    const [w, batch] = [at(), rows()];
    const all = parts(w, batch);
    const [only, none] = [parts(w, batch, (path) => path === '.b'), parts(w, batch, () => false)];
    expect(numbers(only.grads)).toEqual([0, 0, 0, 0, ...numbers(all.grads.b)]);
    for (const { cotangent } of [only, none]) expect(numbers(cotangent)).toEqual(numbers(all.cotangent));
    const product = parts.functional(w, batch, all.cotangent, (path) => path === '.b');
    expect(numbers(product)).toEqual(numbers(only.grads));
    dispose(w, batch, all, only, none, product);
  });

  test('gives the aux of either part, or of both by name', () => {
    const [w, batch] = [at(), rows()];
    const inOutputs = (params: Params, examples: Rows) => [outputs(params, examples), { seen: tf.scalar(1) }] as const;
    const inLoss = (given: tf.Tensor, examples: Rows) => [loss(given, examples), { error: tf.scalar(2) }] as const;
    const both = valueAndGrad({ outputs: inOutputs, loss: inLoss })(w, batch);
    const first = valueAndGrad({ outputs: inOutputs, loss })(w, batch);
    const second = valueAndGrad({ outputs, loss: inLoss })(w, batch);
    const none = parts(w, batch);
    expectTypeOf(both.aux.outputs).toEqualTypeOf<{ readonly seen: tf.Scalar }>();
    expectTypeOf(none.aux).toEqualTypeOf<null>();
    expect([both.aux.outputs.seen, both.aux.loss.error, first.aux.seen, second.aux.error].flatMap(numbers)).toEqual([
      1, 2, 1, 2,
    ]);
    expect(none.aux).toBeNull();
    dispose(w, batch, both, first, second, none);
  });

  test('infers its types, and takes no other', () => {
    const inferred = valueAndGrad({
      outputs: ({ w }: Params, { x }: Rows) => [tf.matMul(x, w), { seen: tf.scalar(1) }] as const,
      loss: (given, { y }) => tf.losses.meanSquaredError(y, given),
    });
    expectTypeOf(inferred).parameter(0).toEqualTypeOf<Params>();
    expectTypeOf(inferred).parameter(1).toEqualTypeOf<Rows>();
    const other = (given: { readonly logits: tf.Tensor }) => tf.sum(given.logits);
    // @ts-expect-error: the loss takes other outputs than there are.
    valueAndGrad({ outputs, loss: other });
  });

  test('refuses what is none, in one line', () => {
    const [w, batch] = [at(), rows()];
    const given = (made: unknown) => () =>
      valueAndGrad({ outputs: (_: Params, __: Rows) => made as tf.Tensor, loss })(w, batch);
    expect(given(undefined)).toThrow(
      'outputs must return a tree with a float32 tensor, or [outputs, aux], got nothing.',
    );
    expect(given([])).toThrow('got a list of 0.');
    expect(given(Promise.resolve(1))).toThrow('got a promise.');
    expect(() => valueAndGrad({ outputs, loss: 3 as never })).toThrow('loss must be a function');
    const { cotangent, ...rest } = parts(w, batch);
    const half: Rows = { x: tf.slice(batch.x, [0, 0], [1, 2]), y: tf.slice(batch.y, [0, 0], [1, 2]) };
    expect(() => parts.functional(w, half, cotangent)).toThrow(
      'The cotangent has shape [2,2] at ".", the outputs have [1,2]: take it of an evaluation on the same batch.',
    );
    dispose(w, batch, half, cotangent, rest);
  });
});
