import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  averageWeights,
  chain,
  constant,
  cosineDecay,
  esam,
  gsam,
  interval,
  join,
  linear,
  lookahead,
  lookSam,
  masked,
  microBatch,
  momentum,
  momentumSam,
  muon,
  partition,
  perturbBy,
  polyak,
  prodigy,
  samTransform,
  scale,
  scaleByAdam,
  scaleBySchedule,
  scheduleFree,
  sgd,
  skipNonFinite,
  trace,
  usam,
  withClean,
} from '../src/index.ts';

const all = () => true;
const negative = cosineDecay(-0.1, 10);

/** Links that end a chain: what comes out of them points downhill. */
const TURNED = {
  scale: scale(-0.1),
  schedule: scaleBySchedule(negative),
  joined: scaleBySchedule(join([constant(0.1), linear(0, -0.1, 10)], [5])),
  'of its own': scaleBySchedule(Object.assign(() => tf.scalar(-1), { sign: -1 as const })),
  sgd: sgd(0.1),
  'momentum with a schedule': momentum(cosineDecay(0.1, 10)),
  'a chain in a chain': chain(trace(0.9), chain(scaleByAdam(), chain(scale(-0.1)))),
  masked: masked(sgd(0.1), all),
  partition: partition({ all: { select: all, link: adam(0.1) } }),
  skipNonFinite: skipNonFinite(sgd(0.1)),
  lookahead: lookahead(sgd(0.1)),
  muon: muon(0.1),
  polyak: polyak(),
  prodigy: prodigy(),
  scheduleFree: scheduleFree(sgd(0.1), 0.1),
  withClean: withClean(sgd(0.1), (_, step) => step),
  'with weights averaged behind it': chain(sgd(0.1), averageWeights()),
};

/** Links that move along the gradient that they get. */
const UPHILL = {
  samTransform: samTransform(0.05),
  gsam: gsam(0.05, 0.1),
  usam: usam(0.1),
  lookSam: lookSam(2, 0.1),
  esam: esam(0.1, { exampleLoss: () => tf.tensor1d([0]) }),
  momentumSam: momentumSam(0.1),
  perturbBy: perturbBy(
    () => null,
    (grads, state) => [grads, state],
  ),
  'a chain': chain(samTransform(0.05), microBatch(2)),
  masked: masked(samTransform(0.05), all),
  partition: partition({ all: { select: all, link: samTransform(0.05) } }),
  interval: interval(2, samTransform(0.05)),
  prodigy: prodigy(),
  polyak: polyak(),
  muon: muon(0.1),
  skipNonFinite: skipNonFinite(chain(samTransform(0.05), trace(0.9))),
};

describe('SAM behind the learning rate, which would step to where the loss is low', () => {
  test.each(Object.entries(TURNED))('is refused behind %s', (_, turned) => {
    expect(() => chain(turned, samTransform(0.05))).toThrow('samTransform would step downhill behind');
    expect(() => chain(trace(0.9), turned, microBatch(2), samTransform(0.05))).toThrow('would step downhill behind');
    expect(() => chain(samTransform(0.05), turned)).not.toThrow();
  });

  test.each(Object.entries(UPHILL))('is refused in the form of %s', (_, uphill) => {
    expect(() => chain(sgd(0.1), uphill)).toThrow(/would step downhill behind sgd, .* write chain\(/);
    expect(() => chain(scale(2), trace(0.9), uphill, sgd(0.1))).not.toThrow();
  });

  test('says the order to use', () => {
    expect(() => chain(sgd(0.1), samTransform(0.05))).toThrow(
      'samTransform would step downhill behind sgd, which turns the gradient around: write chain(samTransform, sgd).',
    );
  });

  test('is refused behind a schedule of the user that does not say its sign', () => {
    const own = scaleBySchedule((count) => tf.neg(tf.cast(count, 'float32')));
    expect(() => chain(own, samTransform(0.05))).toThrow('whose schedule says no sign: write chain');
    expect(() => chain(samTransform(0.05), own)).not.toThrow();
  });

  test('is allowed where two signs cancel, and behind positive schedules', () => {
    expect(() => chain(scale(-1), scale(-2), samTransform(0.05))).not.toThrow();
    expect(() => chain(scaleBySchedule(cosineDecay(0.1, 10)), samTransform(0.05))).not.toThrow();
  });
});

describe('what would do nothing, or the contrary, is refused', () => {
  const params = { dense: { kernel: tf.ones([2, 2]), bias: tf.zeros([2]) } };
  const paths = 'whose paths are ".dense.kernel", ".dense.bias".';
  const none = (path: string) => path === 'kernel';

  test.each([
    ['masked', masked(trace(0.9), none)],
    ['masked in a chain', chain(trace(0.9), masked(sgd(0.1), none))],
    ['masked in masked', masked(masked(sgd(0.1), none), all)],
    ['perturb', samTransform(0.1, 2, { perturb: none })],
    ['adaptive', samTransform(0.1, 2, { adaptive: { select: none } })],
    ['a group', partition({ all: { select: all, link: sgd(0.1) }, none: { select: none, link: sgd(0.1) } })],
  ])('%s that chooses no leaf, with the paths that there are', (_, link) => {
    expect(() => link.init(params)).toThrow(`chooses no leaf of the parameters, ${paths}`);
    expect(() => link.init({})).not.toThrow();
  });

  test('a negative learning rate, as a number and as a schedule', () => {
    expect(() => sgd(-0.1)).toThrow('The learning rate must be a finite number of at least 0, got -0.1.');
    expect(() => adam(negative)).toThrow(
      'The learning rate, a schedule, must be a finite number of at least 0, got -0.1.',
    );
    expect(() => samTransform(negative)).toThrow('rho, a schedule, must be a finite number of at least 0, got -0.1.');
  });

  test('a list of links in the place of links, and a maker that was not called', () => {
    // @ts-expect-error a list is no link
    expect(() => chain([scale(1), scale(2)])).toThrow(
      'Link 1 of chain must be a transformation such as scale(-0.1), got a list of 2: write chain(...links).',
    );
    // @ts-expect-error a function that makes a link is none
    expect(() => chain(scale(1), trace)).toThrow('Link 2 of chain must be a transformation');
  });

  test('an option that there is not, with the one that was meant', () => {
    // @ts-expect-error there is no such option
    expect(() => samTransform(0.1, 2, { ordre: 2 })).toThrow(
      'samTransform has no option "ordre": did you mean "order"?',
    );
    // @ts-expect-error rho is the first argument
    expect(() => samTransform({ rho: 0.1 })).toThrow('rho must be a number or a schedule, got { rho }.');
  });

  test('the state of another chain', () => {
    const gradient = (w: typeof params) => ({ value: tf.scalar(0), grads: w, aux: null });
    const other = chain(trace(0.9)).init(params);
    const optimizer = chain(trace(0.9), scale(-1));
    // @ts-expect-error a state of one link
    expect(() => optimizer.update(gradient, other, params, null)).toThrow(
      'The state of chain must be a list of 2, got a list of 1: start with init(params).',
    );
    const smaller = optimizer.init({ dense: { kernel: tf.ones([2, 2]) } });
    expect(() => optimizer.update(gradient, smaller, params, null)).toThrow(
      'Trees differ: nothing at ".dense.bias" to pair with.',
    );
  });
});

test('an update with a loss in the place of its gradient function says what to write', () => {
  const optimizer = chain(samTransform(0.05), sgd(0.1));
  const w = tf.scalar(1);
  const loss = (x: tf.Tensor) => tf.square(x) as never;
  expect(() => optimizer.update(loss, optimizer.init(w), w, null)).toThrow(
    'gradient must give { value, grads, aux }: make it of a loss by valueAndGrad(loss).',
  );
  expect(() => optimizer.update(w as never, optimizer.init(w), w, null)).toThrow('gradient must be a function, got');
});
