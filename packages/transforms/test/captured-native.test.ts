import { capture, registerNative } from '@steppe/native';
import { addScaled, dispose, leaves, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { type Batch, batchOf, gradient } from './support/gradients.ts';
import { type Link, oneOfEach, secondOrder } from './support/registry.ts';

beforeAll(async () => {
  await registerNative();
  await tf.setBackend('native');
});

type Turn = { readonly params: Tree; readonly state: Tree; readonly report: Tree };
type Turning = (turn: Turn, batch: Batch) => Turn;

/** Enough for every phase of the links to be recorded and replayed. */
const STEPS = 9;

const bitsOf = (tree: Tree): unknown => [
  leaves(tree).map(({ path, leaf }) => [path, leaf.dtype, ...new Uint8Array(leaf.dataSync().slice().buffer)]),
  JSON.stringify(tree, (_, value: unknown) => (value instanceof tf.Tensor ? 'tensor' : value)),
];

const turnOf =
  (link: Link): Turning =>
  ({ params, state }, batch) =>
    pure(() => {
      const [{ value, grads, aux, report }, next] = link.update(gradient, state, params, batch);
      return { params: addScaled(params, -0.1, grads), state: next, report: { value, aux, ...report } };
    });

/** The turns of a loop, each as bits. */
function trajectory(link: Link, turn: Turning): unknown[] {
  const params = {
    b: tf.tensor1d([0.3, -0.2]),
    kernel: {
      w: tf.tensor2d([
        [1, -2],
        [0.5, 3],
      ]),
    },
  };
  let now: Turn = { params, state: link.init(params), report: null };
  const seen: unknown[] = [];
  try {
    for (let i = 0; i < STEPS; i++) {
      const batch = batchOf([0.5, -1, 2, 0.25, i / 8]);
      try {
        const next = turn(now, batch);
        dispose(now);
        now = next;
      } finally {
        dispose(batch);
      }
      seen.push(bitsOf(now));
    }
    return seen;
  } finally {
    dispose(now);
  }
}

const all = [...oneOfEach, ...secondOrder.map((link, i) => ({ name: `of order 2 (${i + 1})`, link }))];

/** What cannot be captured, and why. */
const refused: readonly (readonly [name: string, why: string])[] = [['esam (1)', 'TopK runs in JavaScript here']];

test.each(all.filter(({ name }) => !refused.some(([other]) => other === name)))(
  '$name gives the same bits captured as it does step by step, and leaves nothing behind',
  ({ link }) => {
    const before = tf.memory().numTensors;
    const captured = capture(turnOf(link));
    expect(trajectory(link, captured)).toEqual(trajectory(link, turnOf(link)));
    captured.dispose();
    expect(tf.memory().numTensors).toBe(before);
  },
);

test.each(refused)('%s is refused: %s', (name, why) => {
  const link = oneOfEach.find((each) => each.name === name)?.link as Link;
  const captured = capture(turnOf(link));
  expect(() => trajectory(link, captured)).toThrow(why);
  captured.dispose();
});
