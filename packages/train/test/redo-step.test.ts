import { key } from '@steppe/random';
import {
  chain,
  clipByGlobalNorm,
  type GradientTransformation,
  lion,
  momentum,
  samTransform,
  skipNonFinite,
} from '@steppe/transforms';
import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { train, trainStep } from '../src/index.ts';
import { expectTensorsLeft } from './support/leaks.ts';
import { count, numbers } from './support/regression.ts';

beforeAll(() => tf.setBackend('cpu'));

type Params = { readonly stem: tf.Tensor; readonly layers: readonly { readonly kernel: tf.Tensor }[] };

/** ½(stem·k₀ + x·k₁)², made into NaN in the evaluations that `fails` says, the first of which is number 1. */
const begin = (fails: (evaluation: number) => boolean, optimizer: GradientTransformation<Tree> = paper) => {
  let evaluations = 0;
  const loss = ({ stem, layers: [first, second] }: Params, state: { readonly seen: tf.Tensor }, x: tf.Tensor) => {
    evaluations += 1;
    const fault = fails(evaluations) ? Number.NaN : 1;
    const far = tf.mul(tf.mul(x, fault), (second as { kernel: tf.Tensor }).kernel);
    const sum = tf.add(tf.mul(stem, (first as { kernel: tf.Tensor }).kernel), far);
    return [
      tf.mul<tf.Scalar>(tf.sum(tf.square(sum)), 0.5),
      { state: { seen: tf.add(state.seen, tf.mean(x)) }, metrics: {} },
    ] as const;
  };
  const step = trainStep(loss, optimizer);
  const params = { stem: tf.scalar(1), layers: [{ kernel: tf.scalar(2) }, { kernel: tf.scalar(0.5) }] };
  const start = step.start(params, { seen: tf.scalar(0) }, key(0));
  dispose(params);
  return { step, start, evaluations: () => evaluations };
};

const paper: GradientTransformation<Tree> = chain(samTransform(0.05), clipByGlobalNorm(5), momentum(0.01));

function* batches(n: number): Generator<tf.Tensor> {
  for (let i = 0; i < n; i++) yield tf.scalar(Math.sin(i));
}

/** Trains 8 steps with the policy; gives the end, what was told, and the steps that `onStep` saw. */
async function run(fails: (evaluation: number) => boolean, limit?: number, optimizer?: GradientTransformation<Tree>) {
  const { step, start, evaluations } = begin(fails, optimizer);
  const told: string[] = [];
  const steps: number[] = [];
  const policy = { warn: (line: string) => void told.push(line), ...(limit && { limit }) };
  const kept = tf.memory().numTensors;
  try {
    const end = await train(step, start, batches(8), ({ position }) => void steps.push(position.step), {
      redoNonFinite: policy,
    });
    expect(tf.memory().numTensors - kept).toBe(count(end));
    const found = numbers(end);
    dispose(end);
    return { end: found, told, steps, error: undefined, evaluations: evaluations() };
  } catch (error) {
    expect(tf.memory().numTensors).toBe(kept);
    return { end: undefined, told, steps, error, evaluations: evaluations() };
  } finally {
    dispose(start);
  }
}

const never = () => false;

describe('redoNonFinite', () => {
  test('makes a step whose gradient was not finite again: a fault that passes leaves the numbers of a run without it', async () => {
    const clean = await run(never);
    // The pass at w + ε̂ of step 4, and in the second try of it that at w.
    const faulty = await run((evaluation) => evaluation === 8 || evaluation === 9);
    expect(faulty.end).toStrictEqual(clean.end);
    expect(faulty.steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([clean.told, faulty.told]).toEqual([
      [],
      [
        'Step 4: the perturbed loss is NaN; making it again from step 3 (failure 1 of 3).',
        'Step 4: the loss is NaN; making it again from step 3 (failure 2 of 3).',
      ],
    ]);
    expect(faulty.evaluations).toBe(clean.evaluations + 4);
  });

  test('ends the loop at the third failure in a row, with the step, the leaf and norms', async () => {
    const { error, steps, told } = await run((evaluation) => evaluation > 6);
    expect(error).toMatchObject({
      name: 'NonFiniteError',
      step: 4,
      message: expect.stringMatching(
        /^Step 4 failed 3 times in a row: the loss is NaN; gradient 1 of 2 is not finite, first at "\.stem" with the norm NaN; ‖w‖ before it is 2\.\d+\. Lower/,
      ),
    });
    expect(steps).toEqual([1, 2, 3]);
    expect(told).toHaveLength(2);
  });

  test('names the leaf itself where clipping would carry the NaN to all of them', async () => {
    // x·k₁ overflows in the derivative by k₁ alone.
    const { step, start } = begin(never, paper);
    const at = {
      ...start,
      params: { stem: tf.scalar(1), layers: [{ kernel: tf.scalar(2) }, { kernel: tf.scalar(0) }] },
    };
    const policy = { redoNonFinite: { limit: 1, warn: () => expect.unreachable('told of the last failure') } };
    await expect(train(step, at, [tf.scalar(3e38)], undefined, policy)).rejects.toThrow(
      /^Step 1 failed 1 time: .*; gradient 1 of 2 is not finite, first at "\.layers\[1\]\.kernel" with the norm Infinity/,
    );
    dispose(start, at);
  });

  test('sees a bad number that the update hides, as a sign does, in the state', async () => {
    const { error } = await run((evaluation) => evaluation >= 3, 1, lion(0.01));
    // Without SAM no norm is reported; here the loss tells.
    expect(error).toMatchObject({ message: expect.stringContaining('the loss is NaN') });
    const { step, start } = begin(never, lion(0.01));
    const hidden: typeof step = {
      ...step,
      update: (...at) => {
        const { position, report } = step.update(...at);
        const optimizer: Tree = [position.optimizer, { more: tf.scalar(Number.NaN) }];
        return { position: { ...position, optimizer }, report };
      },
    };
    await expect(train(hidden, start, batches(2), undefined, { redoNonFinite: { limit: 1 } })).rejects.toThrow(
      '".optimizer[1].more" is not finite after it; its gradients are finite',
    );
    dispose(start);
  });

  test('leaves what skipNonFinite has skipped alone', async () => {
    const { told, steps, error } = await run((evaluation) => evaluation === 4, 3, skipNonFinite(momentum(0.01)));
    expect([told, steps.length, error]).toEqual([[], 8, undefined]);
  });

  test('refuses options that it does not have', async () => {
    const { step, start } = begin(never);
    for (const [options, text] of [
      [{ limit: 0 }, 'limit must be a positive whole number, got 0.'],
      [{ tries: 3 }, 'redoNonFinite has no option "tries"'],
      [{ warn: 'stderr' }, 'warn must be a function, got "stderr".'],
      [3, 'The options of redoNonFinite must be a record, got 3.'],
    ] as const)
      await expectTensorsLeft(0, () =>
        expect(train(step, start, [], undefined, { redoNonFinite: options as never })).rejects.toThrow(text),
      );
    dispose(start);
  });
});
