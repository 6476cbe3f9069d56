import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { oddFaults, testOddCalls } from '../../../tools/vitest/odd.ts';
import * as distributed from '../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

const { agree, meanAcross, meanOfTrees, onTwoRanks, world } = distributed;

/** Two ranks that have the same, for calls that look at others. */
const two = { rank: 0, size: 2, allGather: (bytes: Uint8Array) => [bytes, bytes] };

describe('odd arguments', () => {
  testOddCalls(distributed, {
    agree: () => [two, { version: '1', options: { rho: 0.05, seeds: [1, 2] }, w: tf.ones([2]) }],
    allReduceMean: () => [world(), { shared: ['scale'], aux: { tokens: 'sum' } }],
    meanAcross: () => [world()],
    meanOfTrees: () => [world()],
    onTwoRanks: () => [world()],
    rowsOf: () => [{ rank: 0, size: 2 }, 8],
    world: () => [{ limit: 3 }],
  });
});

const alone = world();
test.each([
  ['meanAcross(world)', meanAcross(alone), () => [new Float32Array([1]), 1]],
  ['meanOfTrees(world)', meanOfTrees(alone), () => [{ mean: tf.ones([2]) }, 1]],
  ['onTwoRanks(world)', onTwoRanks(alone), () => [() => 1, () => 2]],
  ['allReduce', alone.allReduce, () => [new Float32Array([1]), 'mean']],
  ['broadcast', alone.broadcast, () => [new Float32Array([1]), 0]],
  ['allGather', alone.allGather, () => [new Uint8Array([1])]],
])('%s works or says in one line what it needs', async (name, call, args) => {
  expect(await oddFaults({ name, call: call as never, args })).toEqual([]);
});

test('a world of one refuses what several refuse: facts without values, and calls after its end', () => {
  const one = world();
  expect(() => agree(one, { when: new Date(0) })).toThrow('when must be a number, a text, a tensor, or a record');
  one.finalize();
  const late = 'comes after finalize(): make finalize() the last call';
  const values = new Float32Array([1]);
  const calls = [() => one.allReduce(values), () => one.broadcast(values), () => one.barrier(), () => one.finalize()];
  for (const call of [...calls, () => one.allGather(new Uint8Array(1))]) expect(call).toThrow(late);
  expect(world().allReduce(values)).toBe(values);
});
