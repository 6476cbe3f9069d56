import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { magnitudes, worstCaseSharpness } from '../../src/index.ts';
import { everyMeasure } from '../support/every-measure.ts';
import { linear, refusalOf } from '../support/losses.ts';
import { type Batch, type Params, referenceBatches, referenceParams } from '../support/network.ts';

let params: Params;
let scale: Params;
beforeAll(async () => {
  await tf.setBackend('cpu');
  params = referenceParams();
  scale = magnitudes(params);
});
afterAll(() => tf.dispose([params, scale]));

/** The twelve examples in batches of a size, made one after another. */
function* batchesOf(size: number, seen: (number: number) => void = () => undefined): Generator<Batch> {
  for (let from = 0; from < 12; from += size) {
    const all = referenceBatches(12)[0] as Batch;
    const batch = { x: tf.slice(all.x, [from, 0], [size, 4]), y: tf.slice(all.y, [from], [size]) };
    tf.dispose([all]);
    seen(from / size + 1);
    yield batch;
  }
}

test('every measure holds as many tensors over six batches as over three, one batch at a time', async () => {
  const peaks = async (size: number) => {
    const found: { [name: string]: number } = {};
    const before = tf.memory().numTensors;
    let most = 0;
    const counted = () =>
      batchesOf(size, () => {
        most = Math.max(most, tf.memory().numTensors - before);
      });
    for (const [name, measure] of Object.entries(everyMeasure({ params, scale }, counted))) {
      most = 0;
      await measure();
      found[name] = most;
    }
    return found;
  };
  const many = await peaks(2);
  expect(many).toEqual(await peaks(4));
  // The weights that are moved, a sum and a batch: nothing that grows.
  expect(Math.max(...Object.values(many))).toBeLessThan(60);
});

test('every measure stops at a batch that is no batch, and leaves no tensor behind either', async () => {
  const before = tf.memory().numTensors;
  const broken = function* () {
    const [first, ...others] = referenceBatches(8);
    yield first as Batch;
    tf.dispose(others);
    yield* others;
  };
  for (const [name, measure] of Object.entries(everyMeasure({ params, scale }, broken))) {
    expect([name, await refusalOf(measure())]).toEqual([name, expect.stringMatching(/freed|disposed/)]);
    expect([name, tf.memory().numTensors]).toEqual([name, before]);
  }
});

test.each([2, 5])(
  'every measure that is told to stop at its batch %i gives the reason, and leaves no tensor',
  async (at) => {
    const before = tf.memory().numTensors;
    for (const name of Object.keys(everyMeasure({ params, scale }, () => batchesOf(4)))) {
      const controller = new AbortController();
      let seen = 0;
      const stopping = () =>
        batchesOf(4, () => {
          seen += 1;
          if (seen === at) controller.abort(new Error('enough'));
        });
      const { [name]: measure } = everyMeasure({ params, scale }, stopping, { signal: controller.signal });
      const ended = await refusalOf(measure?.() ?? Promise.resolve());
      // The fifth batch is one of a second pass, which not every measure makes.
      expect([name, ended]).toEqual([name, seen < at ? 'nothing' : 'enough']);
      expect([name, tf.memory().numTensors]).toEqual([name, before]);
    }
  },
);

test('a measure is heard of, and stops between batches when it is told to', async () => {
  const before = tf.memory().numTensors;
  const controller = new AbortController();
  const told: number[] = [];
  const w = tf.tensor1d([1]);
  const ending = worstCaseSharpness(linear([1]), w, () => [1, 2, 3].map((n) => tf.tensor1d([n])), {
    rho: 1,
    iterations: 3,
    signal: controller.signal,
    onProgress: ({ done }) => {
      told.push(done);
      if (done === 2) controller.abort(new Error('enough'));
    },
  });
  await expect(ending).rejects.toThrow('enough');
  expect(told).toEqual([1, 2]);
  w.dispose();
  expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 1); // the batch of the list that was not reached
});
