import { type Count, isBelow, nextCount } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { capture, registerNative } from '../../src/index.ts';

beforeAll(async () => {
  await registerNative();
  await tf.setBackend('native');
});

type State = { readonly x: tf.Tensor; readonly at: Count; readonly inner: Count };

/** Runs a function on its own results; gives the numbers, the counts and how often it was called. */
function follow(f: (state: State) => State, steps: number, from = 0) {
  let calls = 0;
  const captured = capture((state: State): State => {
    calls++;
    return f(state);
  });
  let state: State = { x: tf.scalar(0), at: { counted: from }, inner: { counted: from } };
  const seen: unknown[] = [];
  const before = tf.memory().numTensors;
  for (let i = 0; i < steps; i++) {
    const next = captured(state);
    state.x.dispose();
    state = next;
    seen.push([...next.x.dataSync(), next.at.counted, next.inner.counted]);
  }
  expect(tf.memory().numTensors).toBe(before);
  const { recordings } = captured;
  captured.dispose();
  state.x.dispose();
  return { seen, calls, recordings };
}

describe('counts of steps in captured functions', () => {
  const nested = ({ x, at, inner }: State): State => {
    if (isBelow(at, 20)) return { x: tf.add(x, 1), at: nextCount(at), inner };
    const next = nextCount(inner);
    return isBelow(next, 31) ? { x: tf.mul(x, 0.5), at, inner: next } : { x: tf.neg(x), at, inner: { counted: 99 } };
  };

  it('are other numbers at each replay, on each side of what they are compared with', () => {
    const { seen, calls, recordings } = follow(nested, 80);
    let [x, at, inner] = [0, 0, 0];
    const expected = Array.from({ length: 80 }, () => {
      if (at < 20) [x, at] = [x + 1, at + 1];
      else if (inner + 1 < 31) [x, inner] = [Math.fround(x * 0.5), inner + 1];
      else [x, inner] = [-x, 99];
      return [x, at, inner];
    });
    expect(seen).toEqual(expected);
    expect(recordings).toBeLessThan(8);
    expect(calls).toBeLessThan(40);
  });

  it('are refused before a replay where a tensor is made of their number, or another one is given back', () => {
    const misused = [
      ({ x, at, inner }: State): State => ({ x: tf.add(x, at.counted % 7), at: nextCount(at), inner }),
      ({ x, at, inner }: State): State => ({ x: tf.neg(x), at: { counted: at.counted + 1 }, inner }),
      ({ x, at, inner }: State): State =>
        at.counted % 2 ? { x, at: nextCount(at), inner } : { x: tf.neg(x), at, inner },
    ];
    for (const each of misused) {
      const captured = capture(each);
      const state = { x: tf.scalar(1), at: { counted: 4 }, inner: { counted: 4 } };
      captured(state).x.dispose();
      let refused = false;
      // By chance it may be recorded alike twice.
      for (let i = 0; i < 40 && !refused; i++) {
        try {
          captured(state).x.dispose();
          captured.check();
        } catch (error) {
          expect(error).toMatchObject({ name: 'CaptureError' });
          refused = true;
        }
      }
      expect(refused).toBe(true);
      captured.dispose();
      state.x.dispose();
    }
  });
});
