import { key } from '@steppe/random';
import { accumulate, chain, momentum, samTransform, sgd, together } from '@steppe/transforms';
import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Batches, evaluate, type ModelLoss, reestimateState, train, trainStep } from '../src/index.ts';
import { expectTensorsLeft } from './support/leaks.ts';
import { type Batch, batch, batches, count, initial, numbers, regression, withMomentum } from './support/regression.ts';

beforeAll(() => tf.setBackend('cpu'));

const begin = (step = regression(withMomentum())) => {
  const { params, state } = initial();
  const start = step.start(params, state, key(0));
  dispose(params, state);
  return { step, start };
};

/** An iterator that is no iterable, and tells when it is closed. */
const bare = (closed: () => void = () => {}) => {
  const inner = batches(6);
  return {
    next: () => inner.next(),
    return: (): IteratorResult<Batch, void> => {
      closed();
      return { done: true, value: undefined };
    },
  };
};

describe('batches', () => {
  const sources: { readonly [name: string]: () => Batches<Batch> } = {
    'a list': () => [...batches(6)],
    'an iterable': () => ({ [Symbol.iterator]: () => batches(6) }),
    'a generator function': () => () => batches(6),
    'an asynchronous generator': () =>
      (async function* () {
        yield* batches(6);
      })(),
    'an iterator': () => bare(),
    'an asynchronous iterator': () => {
      const inner = batches(6);
      return { next: async () => inner.next() };
    },
    'a dataset of tf.data': () => tf.data.generator(() => batches(6)) as tf.data.Dataset<Batch>,
  };

  test.each(Object.keys(sources))('come from %s, and each is freed after its step', async (name) => {
    const { step, start } = begin();
    const expected = await train(step, start, batches(6));
    const end = await expectTensorsLeft(count(start), () => train(step, start, sources[name]?.() ?? []));
    expect(numbers(end)).toStrictEqual(numbers(expected));
    const seen = await expectTensorsLeft(0, () =>
      evaluate(({ y }: Batch) => ({ y: tf.mean<tf.Scalar>(y) }), sources[name]?.() ?? []),
    );
    expect(seen.examples).toBe(24);
    const state = await reestimateState(
      (s: tf.Tensor, { y }: Batch) => tf.add(s, y.size),
      tf.scalar(0),
      sources[name]?.() ?? [],
    );
    expect(numbers(state)).toEqual([[24]]);
    dispose(start, expected, end, state);
  });

  test('come from tf.data as it batches them, { xs, ys } or lists, for as many epochs as wanted', async () => {
    const [xs, ys] = [tf.data.array([1, 2, 3, 4, 5]), tf.data.array([3, 6, 9, 12, 15])];
    const loss: ModelLoss<tf.Tensor, null, { xs: tf.Tensor; ys: tf.Tensor }> = (w, state, { xs: x, ys: y }) => [
      tf.mean<tf.Scalar>(tf.square(tf.sub(tf.mul(w, x), y))),
      { state, metrics: {} },
    ];
    const step = trainStep(loss, sgd(0.02));
    let position = step.start(tf.scalar(0), null, key(0));
    // Its type is that of any container of tensors.
    const untyped: tf.data.Dataset<tf.TensorContainer> = tf.data.zip({ xs, ys }).batch(2);
    for (let epoch = 0; epoch < 8; epoch++)
      position = await expectTensorsLeft(0, async () => {
        const next = await train(step, position, untyped);
        dispose(position);
        return next;
      });
    expect(position.step).toBe(24);
    expect(position.params.dataSync()[0]).toBeCloseTo(3, 2);
    const lists = trainStep(
      (w: tf.Tensor, state: null, [x, y]: readonly [tf.Tensor, tf.Tensor]) => loss(w, state, { xs: x, ys: y }, key(0)),
      sgd(0.02),
    );
    const pairs = tf.data.generator(function* () {
      yield [tf.tensor1d([1, 2]), tf.tensor1d([3, 6])];
    });
    const end = await train(lists, position, await pairs.iterator());
    expect(end.step).toBe(25);
    dispose(position, end);
  });

  test('that are left early are closed', async () => {
    const { step, start } = begin();
    let closed = 0;
    const controller = new AbortController();
    const end = await train(
      step,
      start,
      bare(() => {
        closed += 1;
      }),
      () => controller.abort(),
      controller,
    );
    expect([end.step, closed]).toEqual([1, 1]);
    dispose(start, end);
  });

  test('that come from nowhere are refused in one sentence', async () => {
    const { step, start } = begin();
    const x = tf.tensor1d([1]);
    for (const [odd, got] of [
      [undefined, 'nothing'],
      [null, 'null'],
      [7, '7'],
      ['batches', '"batches"'],
      [{ xs: 1, ys: 2 }, '{ xs, ys }'],
      [x, 'a tensor'],
      [Promise.resolve([]), 'a promise: await it'],
      [() => 3, '3'],
    ] as const)
      await expect(train(step, start, odd as never)).rejects.toThrow(
        `Batches come from an iterable, an iterator or a dataset of tf.data, got ${got}.`,
      );
    dispose(x, start);
  });

  test('without examples are refused in one sentence, and freed', async () => {
    const { step, start } = begin();
    const empty = () => ({ x: tf.zeros([0, 2]), y: tf.zeros([0]) });
    function* second() {
      yield batch(0);
      yield empty();
    }
    const message = 'Batch 2 is empty, ".x" has shape [0,2]: leave batches without examples out.';
    await expectTensorsLeft(0, () => expect(train(step, start, second())).rejects.toThrow(message));
    await expectTensorsLeft(0, () =>
      expect(train(step, start, second, () => {}, { accumulate: 2 })).rejects.toThrow(message),
    );
    await expectTensorsLeft(0, () => expect(evaluate(() => ({}), second())).rejects.toThrow(message));
    dispose(start);
  });
});

describe('several batches to a step', () => {
  /** One batch of all that are put together. */
  const concatenated = (parts: readonly Batch[]): Batch => ({
    x: tf.concat(parts.map(({ x }) => x)),
    y: tf.concat(parts.map(({ y }) => y)),
  });
  const uneven = (): readonly Batch[] =>
    [4, 1, 3, 2, 4].map((rows, i) => {
      const { x, y } = batch(i);
      const cut = { x: tf.slice(x, 0, rows), y: tf.slice(y, 0, rows) };
      dispose(x, y);
      return cut;
    });

  test('are one step on all of their examples, with one ε̂ before SAM, also for the rest at the end', async () => {
    const link = chain(accumulate(), samTransform(0.05), momentum(0.1));
    const { step, start } = begin(regression(link));
    const plain = begin(regression(chain(samTransform(0.05), momentum(0.1))));
    const steps: number[] = [];
    const end = await expectTensorsLeft(count(start), () =>
      train(step, start, uneven, ({ position }) => void steps.push(position.step), { accumulate: 2 }),
    );
    const parts = uneven();
    const groups = [parts.slice(0, 2), parts.slice(2, 4), parts.slice(4)].map(concatenated);
    const whole = await train(plain.step, plain.start, groups);
    expect(steps).toEqual([1, 2, 3]);
    const flat = (tree: Tree) => numbers(tree).flat();
    expect(flat(end.params)).toEqual(flat(whole.params).map((x) => expect.closeTo(x, 5)));
    dispose(parts, start, plain.start, end, whole);
  });

  test('have an ε̂ of their own each behind SAM: the mean of their SAM gradients by examples', async () => {
    const { step, start } = begin(regression(chain(samTransform(0.3), accumulate(), sgd(0.1))));
    const alone = begin(regression(chain(samTransform(0.3), sgd(0.1))));
    const parts = uneven();
    const moves = parts.map((part) => {
      const { position, report } = alone.step.update(alone.start, part);
      const moved = [...position.params.w.dataSync()];
      dispose(position, report);
      return { moved, examples: part.y.size };
    });
    const end = await train(step, start, uneven(), () => {}, { accumulate: 5 });
    const expected = [0, 1].map((j) =>
      moves.reduce((sum, { moved, examples }) => sum + ((moved[j] ?? 0) * examples) / 14, 0),
    );
    expect([...end.params.w.dataSync()]).toEqual(expected.map((x) => expect.closeTo(x, 5)));
    dispose(parts, start, alone.start, end);
  });

  test('start from one state, each with a key of its own, and average their next states', () => {
    tf.tidy(() => {
      const keys: string[] = [];
      const loss: ModelLoss<tf.Tensor, tf.Tensor, tf.Tensor> = (w, state, x, at) => {
        keys.push(JSON.stringify(at));
        return [tf.mean<tf.Scalar>(tf.mul(w, x)), { state: tf.add(tf.mul(state, 0.5), tf.mean(x)), metrics: {} }];
      };
      const step = trainStep(loss, chain(accumulate(), samTransform(0.1), sgd(0.1)));
      const start = step.start(tf.scalar(1), tf.scalar(8), key(1));
      const { position } = step.update(start, together([tf.tensor1d([1, 3]), tf.tensor1d([5])]));
      expect(position.state.dataSync()[0]).toBeCloseTo(4 + 3, 5);
      expect(new Set(keys).size).toBe(2);
      expect(keys.slice(2)).toEqual(keys.slice(0, 2));
    });
  });

  test('need the link and the option both, or say which is missing', async () => {
    const without = begin();
    await expectTensorsLeft(0, () =>
      expect(
        train(
          without.step,
          without.start,
          () => batches(4),
          () => {},
          { accumulate: 2 },
        ),
      ).rejects.toThrow(
        'Batches that are put together have reached the loss: put accumulate() into the chain of the optimizer',
      ),
    );
    const withLink = begin(regression(chain(accumulate(), momentum(0.1))));
    await expect(train(withLink.step, withLink.start, batches(4))).rejects.toThrow(
      'give train the option { accumulate: k }',
    );
    for (const k of [0, 1.5, '2'])
      await expect(train(without.step, without.start, [], () => {}, { accumulate: k as number })).rejects.toThrow(
        'accumulate must be',
      );
    dispose(without.start, withLink.start);
  });

  test('that wait for a step are freed when the loop ends early', async () => {
    const { step, start } = begin(regression(chain(accumulate(), momentum(0.1))));
    const controller = new AbortController();
    function* three() {
      yield* batches(2);
      controller.abort();
      yield batch(2);
    }
    const end = await expectTensorsLeft(count(start), () =>
      train(step, start, three(), () => {}, { accumulate: 3, signal: controller.signal }),
    );
    expect(end.step).toBe(0);
    dispose(end);
    dispose(start);
  });
});
