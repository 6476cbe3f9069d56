import { test as property } from '@fast-check/vitest';
import { batchNorm, dropout, initBatchNorm, type NormParams, type NormState } from '@steppe/models';
import { foldIn, type Key, key } from '@steppe/random';
import {
  chain,
  esam,
  type GradientTransformation,
  microBatch,
  momentum,
  type StepBatch,
  sam,
  samTransform,
  scale,
  sgd,
  skipNonFinite,
} from '@steppe/transforms';
import { dispose, leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { type ModelLoss, train, trainStep } from '../src/index.ts';
import vectors from './fixtures/running-stats.json' with { type: 'json' };
import { batch, batches, count, initial, numbers, regression, withMomentum } from './support/regression.ts';

beforeAll(() => tf.setBackend('cpu'));

const finite = fc.float({ min: -100, max: 100, noNaN: true });

describe('a training step', () => {
  property.prop([finite, fc.float({ min: 0, max: 1, noNaN: true })])(
    'is w - lr (w + rho sign w) for SAM on half a square',
    (w0, rho) => {
      const step = trainStep(
        (w: tf.Tensor, state: null) => [tf.mul(0.5, tf.square(w)) as tf.Scalar, { state, metrics: {} }],
        sam(sgd(0.25), rho),
      );
      const w = tf.scalar(w0);
      const start = step.start(w, null, key(0));
      const { position, report } = step.update(start, null);
      const expected = w0 - 0.25 * (w0 + rho * Math.sign(w0));
      expect(Math.abs(position.params.dataSync()[0]! - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(w0)));
      expect(report.loss.dataSync()[0]).toBeCloseTo(0.5 * w0 * w0, 1);
      dispose(w, start, position, report);
    },
  );

  test('that is skipped moves neither the parameters nor the state of the model', () => {
    const step = trainStep(
      (w: tf.Tensor, seen: tf.Tensor, x: tf.Tensor) => [
        tf.mean<tf.Scalar>(tf.square(tf.mul(w, x))),
        { state: tf.add(seen, x), metrics: {} },
      ],
      skipNonFinite(sam(momentum(0.1), 0.05)),
    );
    const start = step.start(tf.scalar(1), tf.scalar(0), key(0));
    const bad = step.update(start, tf.scalar(Number.NaN));
    expect(bad.position.params.dataSync()[0]).toBe(1);
    expect(bad.position.state.dataSync()[0]).toBe(0);
    const good = step.update(bad.position, tf.scalar(2));
    expect(good.position.state.dataSync()[0]).toBe(2);
    expect(good.report.report.skipped?.dataSync()[0]).toBe(0);
  });

  test('frees nothing that it is given and returns nothing that it was given', () => {
    const step = regression(withMomentum());
    const { params, state } = initial();
    const start = step.start(params, state, key(0));
    dispose(params, state);
    const examples = batch(0);
    const before = tf.memory().numTensors;
    const { position, report } = step.update(start, examples);
    expect(tf.memory().numTensors - before).toBe(count([position, report]));
    expect(report.report).toMatchObject({
      epsilonHatNorm: {},
      gradientNorm: {},
      perturbedLoss: {},
      rho: {},
      scale: {},
    });
    dispose(position, report);
    expect(leaves([start, examples]).every(({ leaf }) => !leaf.isDisposed)).toBe(true);
    dispose(start, examples);
  });

  test('is the step without SAM, bit for bit, when rho is 0', async () => {
    const [plain, flat] = [regression(momentum(0.1)), regression(sam(momentum(0.1), 0))];
    const { params, state } = initial();
    const starts = [plain.start(params, state, key(0)), flat.start(params, state, key(0))] as const;
    const [a, b] = [await train(plain, starts[0], batches(20)), await train(flat, starts[1], batches(20))];
    expect(numbers([a.params, a.state])).toStrictEqual(numbers([b.params, b.state]));
    expect([plain.gradientCost, flat.gradientCost]).toEqual([1, 2]);
    dispose(params, state, starts, a, b);
  });

  test('takes positions of its own optimizer only', () => {
    const plain = regression(sgd(0.1));
    const flat = regression(sam(sgd(0.1)));
    expectTypeOf(plain.start).returns.toExtend<Parameters<typeof plain.update>[0]>();
    expectTypeOf(plain.start).returns.not.toExtend<Parameters<typeof flat.update>[0]>();
  });
});

test.each([
  ['a positive scale', chain(samTransform(0.05), scale(0.1))],
  ['two optimizers in a row', chain(sgd(0.1), sgd(0.1))],
  ['no scale at all', chain(samTransform(0.05), microBatch(2))],
])('a training step refuses an optimizer that climbs: %s', (_, optimizer) => {
  const loss = (): [tf.Scalar, { state: null; metrics: object }] => [tf.scalar(0), { state: null, metrics: {} }];
  expect(() => trainStep(loss as never, optimizer as GradientTransformation<Tree>)).toThrow(
    / climbs: its updates are added to the weights, so an odd number of its links must turn the gradient around/,
  );
});

describe('the statistics of batch norm', () => {
  const [{ inputs, expected }] = vectors as [(typeof vectors)[number]];

  test('are those of the pass at w (bn/running-stats)', () => {
    // The activation is w itself: 3 at w, and 5 at w + e, since the gradient is 1 and rho is 2.
    const loss: ModelLoss<tf.Tensor, { readonly running: tf.Tensor }, tf.Tensor> = (w, { running }, x) => {
      const mean = tf.mean<tf.Scalar>(tf.mul(w, x));
      return [mean, { state: { running: tf.add(tf.mul(running, 0.9), tf.mul(mean, 0.1)) }, metrics: { mean } }];
    };
    const step = trainStep(loss, chain(samTransform(inputs.perturbed - inputs.clean), scale(-1)));
    const [w, running, x] = [tf.scalar(inputs.clean), tf.scalar(inputs.running), tf.ones([8])];
    const start = step.start(w, { running }, key(0));
    const { position, report } = step.update(start, x);
    expect(report.report.perturbedLoss?.arraySync()).toBeCloseTo(inputs.perturbed, 6);
    expect(report.metrics.mean?.arraySync()).toBe(inputs.clean);
    expect(position.state.running.arraySync()).toBeCloseTo(expected.correct, 6);
    dispose(w, running, x, start, position, report);
  });

  test('in a network that learns to tell two classes, end to end', async () => {
    type Params = { readonly norm: NormParams; readonly w: tf.Tensor1D };
    type Batch = { readonly x: tf.Tensor2D; readonly y: tf.Tensor1D };
    const logits = ({ norm, w }: Params, state: NormState, x: tf.Tensor2D, training: boolean) => {
      const [normal, next] = batchNorm(norm, state, x, { training });
      return [tf.dot(normal, w) as tf.Tensor1D, next] as const;
    };
    const loss: ModelLoss<Params, NormState, Batch> = (params, state, { x, y }) => {
      const [z, next] = logits(params, state, x, true);
      const errors = tf.cast(tf.notEqual(tf.greater(z, 0), tf.cast(y, 'bool')), 'float32');
      return [
        tf.mean<tf.Scalar>(tf.sub(tf.softplus(z), tf.mul(z, y))),
        { state: next, metrics: { errorRate: tf.mean<tf.Scalar>(errors) } },
      ];
    };
    function* data(steps: number): Generator<Batch> {
      for (let i = 0; i < steps; i++) {
        const y = tf.tensor1d([0, 1, 0, 1, 1, 0, 1, 0]);
        const noise = tf.randomNormal<tf.Rank.R2>([8, 2], 0, 0.3, 'float32', i + 1);
        const x = tf.tidy(() => tf.add(noise, tf.stack([tf.mul(y, 6), tf.sub(10, y)], 1)) as tf.Tensor2D);
        noise.dispose();
        yield { x, y };
      }
    }
    const { params: norm, state } = initBatchNorm(2);
    const params: Params = { norm, w: tf.zeros([2]) };
    const step = trainStep(loss, sam(momentum(0.2), 0.1));
    const start = step.start(params, state, key(0));
    const read: { loss: number; errorRate: number }[] = [];
    const end = await train(step, start, data(60), ({ report }) => {
      read.push({ loss: report.loss.dataSync()[0]!, errorRate: report.metrics.errorRate!.dataSync()[0]! });
    });
    expect(read.at(-1)!.loss).toBeLessThan(0.1 * read[0]!.loss);
    expect(read.at(-1)!.errorRate).toBe(0);
    expect([...end.state.mean.dataSync()]).toEqual([expect.closeTo(3, 0), expect.closeTo(9.5, 0)]);
    dispose(params, state, start, end);
  });
});

describe('the random key', () => {
  /** Which keys a step's evaluations see, in their order. */
  const keysOf = (optimizer: Parameters<typeof trainStep>[1], steps: number): readonly Key[] => {
    const seen: Key[] = [];
    const loss: ModelLoss<tf.Tensor, null, tf.Tensor> = (w, state, x, at) => {
      seen.push(at);
      return [tf.mean<tf.Scalar>(tf.mul(w, x)), { state, metrics: {} }];
    };
    const step = trainStep(loss, optimizer);
    const [w, x] = [tf.scalar(1), tf.ones([4])];
    let position = step.start(w, null, key(7));
    for (let i = 0; i < steps; i++) {
      const { position: next, report } = step.update(position, x);
      dispose(position, report);
      position = next;
    }
    dispose(w, x, position);
    return seen;
  };
  const [first, second] = [foldIn(key(7), 0), foldIn(key(7), 1)];

  test('is the same in both passes of SAM and another at each step', () => {
    expect(keysOf(sam(sgd(0.1)), 2)).toEqual([first, first, second, second]);
  });

  test('is one for each slice of m-sharpness, in both of its passes', () => {
    const [a, b, c, d] = keysOf(chain(samTransform(0.1), microBatch(2), scale(-1)), 1);
    expect([b, d]).toEqual([a, c]);
    expect(a).not.toEqual(c);
  });

  test('is one for each slice of accumulated gradients, in both passes', () => {
    const [a, b, c, d] = keysOf(chain(microBatch(2), samTransform(0.1), scale(-1)), 1);
    expect([c, d]).toEqual([a, b]);
    expect(a).not.toEqual(b);
  });

  test('makes one dropout mask for both passes', () => {
    const n = 64;
    const loss: ModelLoss<tf.Tensor, null, null> = (w, state, _, at) => {
      const dropped = dropout(at, 0.5, w);
      return [tf.sum<tf.Scalar>(dropped), { state, metrics: {} }];
    };
    const step = trainStep(loss, sam(sgd(1), 0.5));
    const w = tf.ones([n]);
    const start = step.start(w, null, key(3));
    const { position, report } = step.update(start, null);
    // The loss is linear: its gradient is the mask, doubled, so L(w + e) - L(w) = rho ||2 mask|| if the masks are one,
    // and less if not.
    const mask = [...dropout(foldIn(key(3), 0), 0.5, w).dataSync()];
    expect([...position.params.dataSync()]).toEqual(mask.map((entry) => 1 - entry));
    const rise = report.report.perturbedLoss!.dataSync()[0]! - report.loss.dataSync()[0]!;
    expect(rise).toBeCloseTo(0.5 * Math.hypot(...mask), 4);
    dispose(w, start, position, report);
  });
});

describe('a link that looks into the batch', () => {
  type State = { readonly shift: tf.Tensor };
  // Lᵢ = ½·xᵢ·(w - mean(shift))², with a state as long as the batch, and a key that moves w by noise of its own.
  const noise = (at: Key) => tf.sum(dropout(at, 0.5, tf.ones([8])));
  const exampleLoss = (w: tf.Tensor, x: tf.Tensor1D, { shift }: State, at: Key) =>
    tf.mul(tf.mul(x, 0.5), tf.square(tf.sub(w, tf.add(tf.mean(shift), noise(at))))) as tf.Tensor1D;
  const loss: ModelLoss<tf.Tensor, State, tf.Tensor1D> = (w, state, x, at) => [
    tf.mean<tf.Scalar>(exampleLoss(w, x, state, at)),
    { state: { shift: tf.add(state.shift, 1) }, metrics: {} },
  ];
  const looking = esam(0.5, {
    exampleLoss: (w: tf.Tensor, { batch, key: at, state }: StepBatch<tf.Tensor1D, State>) =>
      exampleLoss(w, batch, state, at),
    beta: 1,
    gamma: 0.5,
  });
  const run = (optimizer: Parameters<typeof trainStep<tf.Tensor, State, Tree, tf.Tensor1D>>[1]) =>
    tf.tidy(() => {
      const step = trainStep(loss, optimizer);
      const begin = 3 + noise(foldIn(key(7), 0)).dataSync()[0]! + 2;
      const start = step.start(tf.scalar(begin), { shift: tf.fill([5], 3) }, key(7));
      const { position } = step.update(start, tf.tensor1d([1, 4, -2, 3, 0.5]));
      return { moved: position.params.dataSync()[0]! - begin, shift: [...position.state.shift.dataSync()] };
    });

  test('reads batch, key and state: efficient SAM takes the sharpest examples of a step', () => {
    // From 2 above the minimum ε = 0.5; the sharpest ⌈2.5⌉ of the examples are 4, 3 and 1.
    const { moved, shift } = run(chain(looking, scale(-1)));
    expect(moved).toBeCloseTo((-2.5 * 8) / 3, 4);
    expect(shift).toEqual([4, 4, 4, 4, 4]);
  });

  test('finds the state whole in every slice, also where its tensors are as long as the batch', () => {
    const sliced = (m: number) => run(chain(microBatch(m), sgd(0.1)));
    const first = sliced(5);
    expect(first.moved).toBeCloseTo(-0.1 * 2 * 1.3, 4);
    expect(sliced(2).shift).toEqual(first.shift);
  });

  test('fits by its type, or does not compile', () => {
    const bare = esam(0.5, { exampleLoss: (w: tf.Tensor, x: tf.Tensor1D) => tf.mul(w, x) as tf.Tensor1D });
    // @ts-expect-error It expects the bare batch.
    trainStep(loss, chain(bare, sgd(0.1)));
    const ofOther = esam(0.5, {
      exampleLoss: (_: tf.Tensor, { state }: StepBatch<tf.Tensor1D, { readonly mean: tf.Tensor1D }>) => state.mean,
    });
    // @ts-expect-error It expects another state.
    trainStep(loss, skipNonFinite(chain(ofOther, sgd(0.1))));
    const step = trainStep(loss, skipNonFinite(chain(looking, sgd(0.1))));
    expectTypeOf(step.update).parameter(1).toEqualTypeOf<tf.Tensor1D>();
  });
});
