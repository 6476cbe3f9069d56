import { key } from '@steppe/random';
import { adam, type GradientTransformation, momentum, rmsprop, sam } from '@steppe/transforms';
import { deserialize, dispose, serialize, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { type Position, train, trainStep } from '../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

const squares = (optimizer: GradientTransformation<Tree>) =>
  trainStep(
    (w: tf.Tensor, state: null, x: tf.Tensor) => [tf.sum<tf.Scalar>(tf.square(tf.sub(w, x))), { state, metrics: {} }],
    optimizer,
  );

function* batches(): Generator<tf.Tensor, void, undefined> {
  yield tf.tensor1d([1, 2]);
  yield tf.tensor1d([2, 1]);
}

/** Two steps by an optimizer, saved and restored. */
async function saved(optimizer: GradientTransformation<Tree>): Promise<Position<tf.Tensor, null, Tree>> {
  const step = squares(optimizer);
  const w = tf.tensor1d([4, -4]);
  const start = step.start(w, null, key(0));
  const end = await train(step, start, batches());
  const bytes = await serialize(end);
  dispose(w, start, end);
  return (await deserialize(bytes)).tree as Position<tf.Tensor, null, Tree>;
}

/** Why a loop does not go on from a position; nothing is left behind. */
async function refusal(optimizer: GradientTransformation<Tree>, from: Position<tf.Tensor, null, Tree>) {
  const before = tf.memory().numTensors;
  const message = await train(squares(optimizer), from, batches()).then(
    (end) => {
      dispose(end);
      return `step ${end.step}`;
    },
    (error: Error) => error.message,
  );
  expect(tf.memory().numTensors).toBe(before);
  return message;
}

test('a run goes on with another rate and ρ, and not with the state of another chain or of other weights', async () => {
  const before = tf.memory().numTensors;
  const from = await saved(sam(momentum(0.1), 0.05));
  expect(await refusal(sam(momentum(0.01), 0.2), from)).toBe('step 4');
  expect(await refusal(sam(rmsprop(0.1)), from)).toBe(
    'The state of scaleByRms in chain(samTransform(0.05, 2), chain(scaleByRms({ decay: 0.9, epsilon: 1e-8 }), scale(-0.1))) does not fit: "[1][0].meanSquare" is nothing, expected float32 [2]. Start with init(params), or rebuild the chain that made this state.',
  );
  expect(await refusal(adam(0.1), from)).toContain('The state of scaleByAdam in chain(scaleByAdam(), scale(-0.1))');
  const wider = { ...from, params: tf.zeros<tf.Rank>([3]) };
  expect(await refusal(sam(momentum(0.1)), wider)).toContain('"[1][0].velocity" is float32 [2], expected float32 [3]');
  dispose(from, wider);
  expect(tf.memory().numTensors).toBe(before);
});

test('the state is made anew to compare with only when the parameters are others', () => {
  let made = 0;
  const inner = momentum(0.1);
  const counted = {
    ...inner,
    init(params: Tree) {
      made += 1;
      return inner.init(params);
    },
  };
  const step = squares(counted);
  let position = step.start(tf.tensor1d([1, 2]), null, key(0));
  for (const batch of [...batches(), ...batches()]) position = step.update(position, batch).position;
  // One by start, one by the first step.
  expect([position.step, made]).toEqual([4, 2]);
});
