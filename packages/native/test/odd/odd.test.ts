import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { nativeBackends } from '../support/backends.ts';
import { oddCalls } from './calls.mjs';
import { outcome, problemOf } from './compare.mjs';
import { exceptions } from './expected.mjs';

const native = (await nativeBackends())[0]?.name ?? '';
const calls = [...oddCalls({ mixed: 8 })];

type Outcome = ReturnType<typeof outcome>;

async function outcomes(backend: string, which: typeof calls): Promise<readonly Outcome[]> {
  await tf.setBackend(backend);
  return which.map((call) => outcome(call));
}

/** Tensors between which others come and go, so that a write outside of those is seen. */
function canaries(): () => boolean {
  const values = Float32Array.from({ length: 256 }, (_, i) => i * 1.5);
  const all = Array.from({ length: 48 }, (_, i) => tf.tensor1d(values.subarray(0, [16, 48, 64, 256][i % 4])));
  for (const [i, each] of all.entries()) if (i % 3 === 1) each.dispose();
  const kept = all.filter((each) => !each.isDisposed);
  return () =>
    kept.every(({ dataId }) => (tf.backend().readSync(dataId) as Float32Array).every((x, i) => x === values[i]));
}

describe('a call with odd arguments', () => {
  const harmed: string[] = [];
  const left: string[] = [];
  let answers: readonly Outcome[] = [];

  beforeAll(async () => {
    await tf.setBackend(native);
    const unharmed = canaries();
    answers = calls.map((call) => {
      const before = tf.backend().numDataIds();
      const answer = outcome(call);
      if (!unharmed()) harmed.push(call.name);
      if (tf.backend().numDataIds() !== before) left.push(call.name);
      return answer;
    });
  });

  test('changes no other tensor', () => {
    expect(harmed).toEqual([]);
  });

  test('leaves no tensor behind where it throws', () => {
    expect(left).toEqual([]);
  });

  test('is answered as the CPU backend answers it, or refused', async () => {
    const asked = calls.map((call, i) => ({ call, answer: answers[i] as Outcome })).filter(({ call }) => !call.ownOnly);
    const references = await outcomes(
      'cpu',
      asked.filter(({ call }) => !call.refused).map(({ call }) => call),
    );
    let next = 0;
    const wrong = asked.flatMap(({ call, answer }) => {
      const reference = call.refused ? { error: new Error('refused everywhere') } : references[next++];
      const problem = problemOf(reference, answer);
      return problem && !exceptions.some(({ name }) => name.test(call.name)) ? [`${call.name}: ${problem}`] : [];
    });
    expect(wrong).toEqual([]);
  });

  test('is refused in a sentence that says what must be', () => {
    const sentence =
      /must be|must match|must have|does not fit|does not equal|was disposed|its memory holds|can not be < 0|should be exactly -1/;
    const silent = calls.flatMap(({ name, refused }, i) => {
      const { error } = answers[i] as Outcome;
      return refused && !sentence.test(error?.message ?? '') ? [`${name}: ${error?.message}`] : [];
    });
    expect(silent).toEqual([]);
  });

  test('of our own kernels is refused where a tensor is not float32, or does not fit', () => {
    const odd = calls.flatMap(({ name, ownOnly }, i) => {
      // Random numbers take their key as two whole numbers.
      const strange = / \w+=(?:[ibsc]\[|disposed|forged)/.test(name.replace(/^SteppeDraw key=i/, ''));
      return ownOnly && strange && !(answers[i] as Outcome).error ? [name] : [];
    });
    expect(odd).toEqual([]);
  });
});
