import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adam,
  applyUpdates,
  chain,
  checkState,
  constant,
  freeze,
  type GradientTransformation,
  interval,
  lookSam,
  momentum,
  partition,
  rmsprop,
  sam,
  samTransform,
  scale,
  scaleByAdam,
  sgd,
  trace,
} from '../../src/index.ts';
import { batchOf, gradient } from '../support/gradients.ts';
import { instances, secondOrder } from '../support/registry.ts';
import { plant, rich } from '../support/trees.ts';

beforeAll(() => tf.setBackend('cpu'));

type Link = GradientTransformation<Tree>;

const weights = (rows = 4): Tree => ({ kernel: tf.ones([rows, 2]), bias: tf.zeros([2]) });

/** What a link says of a state; it leaves no tensor behind. */
function refusal(link: Link, state: Tree, params: Tree = weights()): string {
  const before = tf.memory().numTensors;
  try {
    checkState(link, params, state);
    return 'fits';
  } catch (error) {
    return (error as Error).message;
  } finally {
    expect(tf.memory().numTensors).toBe(before);
    dispose(params, state);
  }
}

const says = (link: string, difference: string): string =>
  `The state of ${link} does not fit: ${difference}. Start with init(params), or rebuild the chain that made this state.`;

describe('every link takes its own states, from the first to that after three steps', () => {
  const all = [...instances, ...secondOrder.map((link, i) => ({ name: `order 2 (${i + 1})`, link }))];
  const batches = [
    [0.5, -1, 2, 0.25, 1.25],
    [1, 2, -0.5, 0.75, 1],
    [-1, 0.5, 3, 1.5, 0.25],
  ];
  test.each(all)('$name', ({ link }) => {
    tf.tidy(() => {
      let w = plant(rich);
      let state = link.init(w);
      for (const xs of batches) {
        // Another object, of which nothing is remembered.
        checkState({ ...link }, w, state);
        const [{ grads }, next] = link.update(gradient, state, w, batchOf(xs));
        w = applyUpdates(w, grads);
        state = next;
      }
      checkState({ ...link }, w, state);
    });
  });
});

test.each<[string, Link, Link]>([
  ['a rate', adam(0.01), adam(0.1)],
  ['ρ', sam(momentum(0.1), 0.05), sam(momentum(0.1), 0.2)],
  ['ρ as a schedule, which counts as a number does,', sam(sgd(0.1), 0.05), sam(sgd(0.1), constant(0.1))],
  ['a schedule', sgd(constant(0.1)), sgd(constant(0.2))],
])('%s may change', (_, from, to) => {
  const w = weights();
  expect(refusal(to, from.init(w), w)).toBe('fits');
});

const isBias = (path: string) => path === '.bias';
const isKernel = (path: string) => path === '.kernel';
const every = () => true;

test.each<[string, Link, Link, string, string]>([
  ['sgd to adam', sgd(0.1), adam(0.1), 'chain(scaleByAdam(), scale(-0.1))', 'it is a list of 1, expected a list of 2'],
  ['adam to sgd', adam(0.1), sgd(0.1), 'chain(scale(-0.1))', 'it is a list of 2, expected a list of 1'],
  [
    'another chain of the same length',
    momentum(0.1),
    rmsprop(0.1),
    'scaleByRms in chain(scaleByRms({ decay: 0.9, epsilon: 1e-8 }), scale(-0.1))',
    '"[0].meanSquare" is nothing, expected { kernel, bias }',
  ],
  [
    'another order',
    chain(samTransform(0.1), trace(0.9)),
    chain(trace(0.9), samTransform(0.1)),
    'trace in chain(trace(0.9), samTransform(0.1, 2))',
    '"[0].velocity" is nothing, expected { kernel, bias }',
  ],
  ['a single link', trace(0.9), scaleByAdam(), 'scaleByAdam()', '".count" is nothing, expected int32 []'],
  [
    'a number to a schedule',
    sgd(0.1),
    sgd(constant(0.1)),
    'scaleBySchedule in chain(scaleBySchedule(-constant(0.1)))',
    '"[0]" is nothing, expected { count }',
  ],
  [
    'a schedule to a number',
    sgd(constant(0.1)),
    sgd(0.1),
    'scale in chain(scale(-0.1))',
    '"[0]" is { count }, expected nothing',
  ],
  [
    'a chain in a chain',
    sam(momentum(0.1)),
    sam(adam(0.1)),
    'scaleByAdam in chain(samTransform(0.05, 2), chain(scaleByAdam(), scale(-0.1)))',
    '"[1][0].count" is nothing, expected int32 []',
  ],
  [
    'a chain of another length in a chain',
    sam(sgd(0.1)),
    sam(momentum(0.1)),
    'chain(trace(0.9), scale(-0.1)) in chain(samTransform(0.05, 2), chain(trace(0.9), scale(-0.1)))',
    '"[1]" is a list of 1, expected a list of 2',
  ],
  [
    'wrapped links',
    interval(2, trace(0.9)),
    interval(2, scaleByAdam()),
    'interval(2, scaleByAdam())',
    '".inner.count" is nothing, expected int32 []',
  ],
  ['a phase', samTransform(0.1), lookSam(2, 0.1), 'lookSam(2, 0.1, 0.7, 2)', '".phase" is nothing, expected a number'],
  [
    'other frozen leaves',
    freeze(isBias, trace(0.9)),
    freeze(isKernel, trace(0.9)),
    'freeze(…, trace(0.9))',
    '".velocity.kernel" is float32 [4,2], expected nothing',
  ],
  [
    'other groups',
    partition({ all: { select: every, link: trace(0.9) } }),
    partition({ every: { select: every, link: trace(0.9) } }),
    'partition({ every: { select: …, link: trace(0.9) } })',
    '".every" is nothing, expected { velocity }',
  ],
])('%s is refused with the link and what differs', (_, from, to, link, what) => {
  const w = weights();
  expect(refusal(to, from.init(w), w)).toBe(says(link, what));
});

const of = 'trace in chain(trace(0.9), scale(-0.1))';

test.each<[string, () => Tree, string]>([
  [
    'other shapes',
    () => momentum(0.1).init(weights(3)),
    '"[0].velocity.kernel" is float32 [3,2], expected float32 [4,2]',
  ],
  [
    'missing moments',
    () => [{ velocity: { kernel: tf.zeros([4, 2]) } }, null],
    '"[0].velocity.bias" is nothing, expected float32 [2]',
  ],
  [
    'another type',
    () => [{ velocity: { kernel: tf.zeros([4, 2], 'int32'), bias: tf.zeros([2]) } }, null],
    '"[0].velocity.kernel" is int32 [4,2], expected float32 [4,2]',
  ],
  [
    'extra entries',
    () => [{ velocity: weights(), 'of mine': tf.scalar(1) }, null],
    '"[0]["of mine"]" is float32 [], expected nothing',
  ],
  [
    'a number in place of a tensor',
    () => [{ velocity: 0 }, null],
    '"[0].velocity" is a number, expected { kernel, bias }',
  ],
  ['nothing', () => null, 'it is nothing, expected a list of 2'],
])('%s are refused, also after a state that fits', (_, state, what) => {
  const link = momentum(0.1);
  const w = weights();
  expect(refusal(link, link.init(w), w)).toBe('fits');
  expect(refusal(link, state())).toBe(says(what.startsWith('it') ? 'chain(trace(0.9), scale(-0.1))' : of, what));
});

test('other parameters than those of the call before are compared anew', () => {
  const link = momentum(0.1);
  for (const rows of [4, 3]) expect(refusal(link, link.init(weights(rows)), weights(rows))).toBe('fits');
  expect(refusal(link, link.init(weights(4)), weights(3))).toContain('is float32 [4,2], expected float32 [3,2]');
});

test("states of one's own links are theirs, those beside them are looked at", () => {
  const growing: GradientTransformation<Tree> = {
    gradientCost: 1,
    init: (params) => params,
    update: (gradient_, state, params, batch) => [gradient_(params, batch), [state]],
  };
  const w = weights();
  checkState(chain(growing, scale(-0.1)), w, [[1, 2], null]);
  checkState(interval(2, growing), w, { phase: 0, inner: [1, 2] });
  expect(w).toSatisfy((tree: { kernel: tf.Tensor }) => !tree.kernel.isDisposed);
  expect(refusal(chain(growing, trace(0.9)), [[1, 2], null], w)).toContain('"[1]" is nothing, expected { velocity }');
});
