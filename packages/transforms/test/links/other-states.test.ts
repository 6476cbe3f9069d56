import { shown } from '@steppe/check';
import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adam,
  chain,
  handOver,
  interval,
  lookahead,
  momentum,
  samTransform,
  scale,
  scaleByAdam,
  scaleByRms,
  trace,
} from '../../src/index.ts';
import { batchOf, gradient } from '../support/gradients.ts';
import { type Instance, type Link, oneOfEach, secondOrder } from '../support/registry.ts';

beforeAll(() => tf.setBackend('cpu'));

const w = () => ({ a: tf.tensor1d([0.7, -0.4]), b: { c: tf.tensor1d([1.1, 0.3]) } });

/** What an update says of a state, and that it leaves nothing behind. */
function answer(link: Link, state: Tree): string {
  const [params, batch] = [w(), batchOf([0.5, -1])];
  const before = tf.memory().numTensors;
  try {
    dispose(link.update(gradient, state as never, params, batch));
    return 'it takes it';
  } catch (error) {
    expect(tf.memory().numTensors).toBe(before);
    return (error as Error).message;
  } finally {
    dispose(params, batch);
  }
}

const others: readonly (readonly [what: string, of: Link | null])[] = [
  ['nothing', null],
  ['a list of nothing', scale(-0.1)],
  ['trace', trace(0.9)],
  ['samTransform', samTransform(0.1)],
  ['scaleByRms', scaleByRms()],
  ['scaleByAdam', scaleByAdam()],
  ['momentum', momentum(0.1)],
  ['adam', chain(adam(0.1), chain(), trace(0.9))],
  ['interval', interval(2, samTransform(0.1))],
];

const links: readonly Instance[] = [
  ...oneOfEach,
  ...secondOrder.map((link, i) => ({ name: `of order 2 (${i + 1})`, link })),
].filter(
  // What keeps nothing looks at nothing, and what a user's link keeps is the user's.
  ({ link }) => link.made !== undefined && tf.tidy(() => shown(link.init(w())) !== 'null'),
);

/** The call whose link it is under another name. */
const madeOf = ({ made }: Link): string =>
  ['after', 'during', 'lateSam'].includes(made?.name ?? '') ? 'handOver' : (made?.name ?? '');

/** Whether a state has all that another one has, and more. */
const holds = (state: Tree, own: Tree): boolean =>
  !Array.isArray(own) && Object.keys(Object(own)).every((key) => key in Object(state));

describe.each(others)('the state of %s', (_, of) => {
  test.each(links)('is refused by $name, in one line that names both, or has all of its own', ({ link }) => {
    const [state, own] = [of === null ? null : of.init(w()), link.init(w())];
    const said = answer(link, state);
    if (holds(state, own)) expect(said).toMatch(/^it takes it$|^Trees differ: |^The state of /);
    else if (shown(state) === shown(own)) expect(said).toMatch(/^it takes it$|^The state of .* must be .*: start with/);
    else
      expect(said).toBe(
        `The state of ${madeOf(link)} must be ${shown(own)}, got ${shown(state)}: start with init(params).`,
      );
    dispose(state, own);
  });
});

test('a plain number that is none is no phase: the link would never run, or at once', () => {
  const state = { count: tf.scalar(0, 'int32') };
  for (const [link, own] of [
    [interval(2, scale(2)), '{ phase, inner }'],
    [lookahead(scale(-1)), '{ phase, slow, fast }'],
    [handOver(2, scale(1), scale(2)), '{ step, before, behind }'],
  ] as const)
    expect(answer(link, state)).toBe(
      `The state of ${link.made?.name} must be ${own}, got { count }: start with init(params).`,
    );
  dispose(state);
});

test('what fails for another reason says its own, and with the state of another link both', () => {
  const failure = new Error('no gradient here');
  const fails = (): never => {
    throw failure;
  };
  const [link, params] = [trace(0.9), w()];
  const state = link.init(params);
  expect(() => link.update(fails, state, params, null)).toThrow(failure);
  expect(() => link.update(fails, null as never, params, null)).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('The state of trace must be'),
      cause: expect.any(Error),
    }),
  );
  dispose(state, params);
});
