import { key } from '@steppe/random';
import { sgd } from '@steppe/transforms';
import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluate, readReport, readScalars, reduceOnPlateau, reestimateState, train, trainStep } from '../src/index.ts';
import { expectTensorsLeft } from './support/leaks.ts';
import { type Batch, batch, batches, initial, regression, withMomentum } from './support/regression.ts';

beforeAll(() => tf.setBackend('cpu'));

type Xs = { readonly x: tf.Tensor };
const xs = (...lists: readonly number[][]) =>
  function* (): Generator<Xs> {
    for (const list of lists) yield { x: tf.tensor1d(list) };
  };
const begin = () => {
  const step = regression(withMomentum());
  const { params, state } = initial();
  const start = step.start(params, state, key(0));
  dispose(params, state);
  return { step, start };
};
const mean = ({ x }: Xs) => tf.mean<tf.Scalar>(x);
/** Expects a refusal of one line, which leaves no tensor behind. */
const refused = (run: () => Promise<unknown>, message: string) =>
  expectTensorsLeft(0, () =>
    expect(run()).rejects.toThrow(expect.objectContaining({ message: expect.stringMatching(/^[^\n]+$/) })),
  ).then(() => expect(run()).rejects.toThrow(message));

describe('evaluate refuses', () => {
  test.each([
    ['a list', ({ x }: Xs) => ({ l: x }), 'The measure "l" must be a scalar, got shape [3]: give a scalar mean'],
    [
      'a promise',
      (b: Xs) => Promise.resolve({ l: mean(b) }),
      'measure returned a promise: make it a synchronous function',
    ],
    ['later', async (b: Xs) => ({ l: mean(b) }), 'measure must be a function, got an async function'],
    ['a scalar without a name', mean, 'Name each measure, as in { loss: tf.mean(x) }: got a tensor.'],
    ['nothing', () => undefined, 'Name each measure, as in { loss: tf.mean(x) }: got nothing.'],
    ['a list of scalars', (b: Xs) => [mean(b)], 'Name each measure, as in { loss: tf.mean(x) }: got a list of 1.'],
    ['text', () => ({ l: tf.scalar('a') }), 'The measure "l" must be a scalar number, got string.'],
    ['a promised number', (b: Xs) => ({ l: mean(b).data() }), 'The measure "l" must be a scalar, got a promise.'],
    ['the name of the number of examples', (b: Xs) => ({ examples: mean(b) }), 'call the measure something else'],
    ['no function', 'loss', 'measure must be a function, got "loss".'],
  ])('a measure that is %s', (_, measure, message) =>
    refused(() => evaluate(measure as never, xs([100, 2, 3])), message),
  );

  test('batches that give different measures', async () => {
    const odd = ({ x }: Xs) => (x.size > 1 ? { a: mean({ x }), c: mean({ x }) } : { b: mean({ x }), c: mean({ x }) });
    const message = 'Every batch must give the same measures: batch 1 gave a, c, batch 2 gave b, c.';
    await refused(() => evaluate(odd as never, xs([1, 2, 3], [1])), message);
    const fewer = ({ x }: Xs) => (x.size > 1 ? { a: mean({ x }) } : {});
    await refused(() => evaluate(fewer as never, xs([1, 2], [1])), 'batch 1 gave a, batch 2 gave nothing.');
    const turned = ({ x }: Xs) =>
      x.size > 1 ? { a: mean({ x }), b: mean({ x }) } : { b: mean({ x }), a: mean({ x }) };
    expect(await evaluate(turned, xs([1, 2, 3], [6]))).toEqual({ a: 3, b: 3, examples: 4 });
  });

  test.each([
    ['a number', () => 3, 'weight must be a scalar, got 3.'],
    ['a list', ({ x }: Xs) => x, 'weight must be a scalar, got shape [3]'],
    ['nothing', () => undefined, 'weight must be a scalar, got nothing.'],
    ['a promise', (b: Xs) => Promise.resolve(mean(b)), 'weight returned a promise'],
    ['later', async (b: Xs) => mean(b), 'weight must be a function, got an async function'],
  ])('a weight that is %s', (_, weight, message) =>
    refused(() => evaluate((b: Xs) => ({ l: mean(b) }), xs([1, 2, 3]), { weight: weight as never }), message),
  );

  test('while a mean over uneven batches is that over all examples', async () => {
    expect(await evaluate((b: Xs) => ({ l: mean(b) }), xs([1, 2, 3], [10]))).toEqual({ l: 4, examples: 4 });
    // A list of one number is one, whatever its rank.
    expect(
      await evaluate(({ x }: Xs) => ({ l: tf.mean(x, 0, true) as tf.Scalar, n: mean({ x }) }), xs([1, 3])),
    ).toEqual({ l: 2, n: 2, examples: 2 });
  });
});

describe('batches are refused', () => {
  test('when they are freed by an epoch before', async () => {
    const message = 'holds a tensor that is already freed, at ".x": train and evaluate free the batches; make new ones';
    const { step, start } = begin();
    const twice = [batch(0), batch(1)];
    const end = await train(step, start, twice);
    await refused(() => train(step, end, twice), `Batch 1 ${message} for each epoch, e.g. by a generator.`);
    const one = batch(0);
    await expect(train(step, start, [one, one])).rejects.toThrow(`Batch 2 ${message}`);
    const held = [{ x: tf.tensor1d([7, 8]) }];
    await evaluate((b: Xs) => ({ l: mean(b) }), held);
    await refused(() => evaluate((b: Xs) => ({ l: mean(b) }), held), `Batch 1 ${message}`);
    await refused(() => reestimateState((s: null, _: Xs) => s, null, held), `Batch 1 ${message}`);
    dispose(start, end);
  });

  test('when they hold no tensor', async () => {
    const { step, start } = begin();
    for (const [odd, got] of [
      [null, 'null'],
      [undefined, 'nothing'],
      [3, '3'],
      ['xs', '"xs"'],
      [[1, 2], 'a list of 2'],
      [{ x: 1 }, '{ x }'],
    ] as const) {
      const message = `Batch 1 must be a tree that holds a tensor, got ${got}.`;
      await refused(() => train(step, start, [odd] as never), message);
      await refused(() => evaluate((b: Xs) => ({ l: mean(b) }), [odd] as never), message);
    }
    dispose(start);
  });

  test('when their iterator is none', async () => {
    const { step, start } = begin();
    for (const [result, got] of [
      [undefined, 'nothing'],
      [3, '3'],
    ] as const)
      await expect(train(step, start, { next: () => result } as never)).rejects.toThrow(
        `next() of the batches must give { done, value }, got ${got}.`,
      );
    for (const symbol of [Symbol.iterator, Symbol.asyncIterator])
      await expect(train(step, start, { [symbol]: () => ({}) } as never)).rejects.toThrow(
        'An iterator of batches must have next(), got {}.',
      );
    dispose(start);
  });
});

describe('a training step is refused', () => {
  const loss = (w: tf.Tensor, state: null, x: tf.Tensor) =>
    [tf.mean<tf.Scalar>(tf.mul(w, x)), { state, metrics: {} }] as const;

  test.each([
    ['without an optimizer', loss, undefined, 'sam(sgd(0.1)), got nothing.'],
    ['with one of tf.train', loss, tf.train.sgd(0.1), 'got an optimizer of tf.train.'],
    ['with the function that makes one', loss, sgd, 'got a function: call it.'],
    ['with a loss that is none', 3, sgd(0.1), 'loss must be a function, got 3.'],
  ])('%s', (_, given, optimizer, message) => {
    expect(() => trainStep(given as never, optimizer as never)).toThrow(message);
  });

  test('at a start without a key', () => {
    const step = trainStep(loss, sgd(0.1));
    for (const [odd, got] of [
      [undefined, 'nothing'],
      [0, '0'],
      [{ threefry: 1 }, '{ threefry }'],
    ] as const)
      expect(() => step.start(tf.scalar(0), null, odd as never)).toThrow(
        `key must be a random key, such as key(0) of @steppe/random, got ${got}.`,
      );
  });

  test.each([
    ['its value alone', (w: tf.Tensor) => tf.sum(w), 'got a tensor.'],
    ['a state alone', (w: tf.Tensor) => [tf.sum(w), null], 'got [scalar, null].'],
    ['no metrics', (w: tf.Tensor) => [tf.sum(w), { state: null }], 'got [scalar, { state }].'],
  ])('at an update where the loss gives %s', (_, odd, got) => {
    const step = trainStep(odd as never, sgd(0.1));
    const start = step.start(tf.scalar(0) as never, null as never, key(0));
    expect(() => step.update(start, null as never)).toThrow(
      `The loss must return [scalar, { state, metrics }], ${got}`,
    );
  });
});

test('train refuses what is in the wrong place before it takes a batch', async () => {
  const { step, start } = begin();
  const untouched = (): Generator<Batch> => {
    throw new Error('taken');
  };
  const call = (...given: readonly unknown[]) => (train as (...all: readonly unknown[]) => Promise<Tree>)(...given);
  const nothing = () => {};
  for (const [given, message] of [
    [[{}, start, untouched], 'step must be made by trainStep, got {}.'],
    [[step, {}, untouched], 'start must be a position, as step.start(params, state, key) gives it, got {}.'],
    [[step, [1, 2], start], 'start must be a position, as step.start(params, state, key) gives it, got a list of 2.'],
    [[step, start, untouched, 3], 'onStep must be a function, got 3.'],
    [[step, start, untouched, { accumulate: 2 }], 'onStep must be a function, got { accumulate }.'],
    [[step, start, untouched, nothing, { signal: 3 }], 'signal must be an AbortSignal, got 3.'],
    [[step, start, untouched, nothing, { signal: new AbortController() }], 'signal must be an AbortSignal, got {}.'],
  ] as const)
    await refused(() => call(...given), message);
  const end = await train(step, start, batches(1), undefined, { signal: new AbortController().signal });
  expect(end.step).toBe(1);
  dispose(start, end);
});

test('what is read must be scalars that live, and is named', async () => {
  const at = {
    loss: tf.scalar(1),
    metrics: { v: tf.tensor1d([1, 2]) as tf.Tensor as tf.Scalar },
    report: { rho: tf.scalar(0) },
  };
  await refused(() => readReport(at), 'The metric "v" must be a scalar, got shape [2]: give a scalar mean');
  await refused(() => readScalars(at.metrics), 'The scalar "v" must be a scalar, got shape [2]');
  await refused(() => readScalars(at.loss as never), 'Name each scalar, as in { loss: tf.mean(x) }: got a tensor.');
  at.report.rho.dispose();
  await refused(() => readReport({ ...at, metrics: {} }), 'The report "rho" is already freed: read it before that.');
  dispose(at);
});

describe('reduceOnPlateau', () => {
  test('refuses a state that is none', () => {
    const { update, start } = reduceOnPlateau();
    for (const [odd, message] of [
      [{ rate: 1 }, 'The state must be what start or update gave, { rate, best, bad, cooling }, got { rate }.'],
      [undefined, 'got nothing.'],
      [{ ...start(1), rate: 0 }, 'rate of the state must be a positive finite number, got 0.'],
      [{ ...start(1), best: '1' }, 'best of the state must be a number, got "1".'],
      [{ ...start(1), bad: -1 }, 'bad of the state must be a whole number of at least 0, got -1.'],
    ] as const)
      expect(() => update(odd as never, 1)).toThrow(message);
  });

  test('takes no infinite value as the best, which none could improve on', () => {
    for (const [mode, worst] of [
      ['max', Number.POSITIVE_INFINITY],
      ['min', Number.NEGATIVE_INFINITY],
    ] as const) {
      const { update, start } = reduceOnPlateau({ mode, patience: 0, factor: 0.5 });
      const after = update(update(start(1), 1), worst);
      expect(after).toEqual({ rate: 0.5, best: 1, bad: 0, cooling: 0 });
      expect(update(after, mode === 'max' ? 2 : 0)).toEqual({
        rate: 0.5,
        best: mode === 'max' ? 2 : 0,
        bad: 0,
        cooling: 0,
      });
    }
  });
});
