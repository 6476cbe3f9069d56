import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { capture, registerNative } from '../../src/index.ts';

await registerNative();
let before = 0;
beforeEach(async () => {
  await tf.setBackend('native');
  before = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(before);
});

type F = (x: tf.Tensor) => tf.Tensor;

/** What a function gives for 1, 2, ... when it is captured at its first call, and what was recorded after each call. */
function calls(f: F, count: number) {
  const captured = capture(f, { warmup: 0 });
  const [values, recordings]: [number[], number[]] = [[], []];
  for (let i = 1; i <= count; i++) {
    const x = tf.tensor1d([i]);
    const result = captured(x);
    values.push(...result.dataSync());
    recordings.push(captured.recordings);
    tf.dispose([x, result]);
  }
  captured.dispose();
  return { values, recordings };
}

describe('a function that is recorded at its first call', () => {
  it('gives what it gives from the first call on, and runs twice in ten calls', () => {
    let runs = 0;
    const f: F = (x) => {
      runs++;
      return tf.add(tf.square(x), 3);
    };
    expect(calls(f, 10)).toEqual({
      values: [4, 7, 12, 19, 28, 39, 52, 67, 84, 103],
      recordings: Array(10).fill(1),
    });
    expect(runs).toBe(2);
  });

  it('is refused at the second call where numbers of the host change, and the first call is right', () => {
    let factor = 1;
    const captured = capture((x: tf.Tensor) => tf.mul(x, factor++), { warmup: 0 });
    const x = tf.tensor1d([5]);
    const first = captured(x);
    expect(first.dataSync()[0]).toBe(5);
    expect(() => captured(x)).toThrow(expect.objectContaining({ name: 'CaptureError', unsure: 0 }));
    captured.dispose();
    tf.dispose([x, first]);
  });

  it('is refused at the third call where it has done otherwise at each, and two are right', () => {
    let factor = 0;
    const captured = capture((x: tf.Tensor) => tf.mul(x, factor), { warmup: 0 });
    const x = tf.tensor1d([5]);
    for (factor = 1; factor < 3; factor++) expect(tf.tidy(() => captured(x).dataSync()[0])).toBe(5 * factor);
    expect(() => captured(x)).toThrow(expect.objectContaining({ name: 'CaptureError', unsure: 0 }));
    captured.dispose();
    x.dispose();
  });

  it('draws from its own random key at the first call already, also on the host', () => {
    type Keyed = { readonly threefry: readonly [number, number] };
    const captured = capture((x: tf.Tensor, { threefry }: Keyed) => tf.add(x, threefry[0]), { warmup: 0 });
    const x = tf.tensor1d([5]);
    const first = captured(x, { threefry: [30, 4] });
    expect(first.dataSync()[0]).toBe(35);
    expect(() => captured(x, { threefry: [31, 4] })).toThrow('numbers of the host that change');
    captured.dispose();
    tf.dispose([x, first]);
  });

  it('may keep at its first call what later ones use', () => {
    let table: tf.Tensor | undefined;
    let runs = 0;
    const f: F = (x) => {
      runs++;
      table ??= tf.keep(tf.exp(tf.tensor1d([0, 0])));
      return tf.sum(tf.mul(x, table));
    };
    // The first call as it is, then recorded by two more.
    expect(calls(f, 6)).toEqual({ values: [2, 4, 6, 8, 10, 12], recordings: [1, 2, 2, 2, 2, 2] });
    expect([runs, ...(table?.dataSync() ?? [])]).toEqual([3, 1, 1]);
    table?.dispose();
  });

  it('may keep what it is given, and a constant', () => {
    const kept: tf.Tensor[] = [];
    const f: F = (x) => {
      if (kept.length === 0) kept.push(tf.keep(tf.clone(x)), tf.keep(tf.scalar(7)), tf.keep(tf.neg(x)));
      return tf.addN(kept.map((each) => tf.mul(each, x)));
    };
    expect(calls(f, 4).values).toEqual([7, 14, 21, 28]);
    expect(kept.map((each) => each.dataSync()[0])).toEqual([1, 7, -1]);
    tf.dispose(kept);
  });

  it('may have kept something where it is refused or fails, which is there then', () => {
    for (const fail of [(x: tf.Tensor) => x.dataSync(), () => expect.fail('broken')]) {
      let kept: tf.Tensor | undefined;
      const captured = capture(
        (x: tf.Tensor) => {
          kept ??= tf.keep(tf.square(x));
          fail(x);
          return tf.add(x, kept);
        },
        { warmup: 0 },
      );
      const x = tf.tensor1d([3]);
      const twice = (): void => {
        tf.dispose(captured(x)); // what is refused at a first call is told at the second
        tf.dispose(captured(x));
      };
      expect(twice).toThrow(/reads values back|broken/);
      expect(kept?.dataSync()[0]).toBe(9);
      captured.dispose();
      tf.dispose([x, kept as tf.Tensor]);
    }
  });

  it('may do something at its first call that nobody reads, or begin otherwise than it goes on', () => {
    let runs = 0;
    const dead: F = (x) => {
      if (runs++ === 0) tf.exp(x);
      return tf.neg(x);
    };
    expect(calls(dead, 4)).toEqual({ values: [-1, -2, -3, -4], recordings: [1, 1, 1, 1] });
    runs = 0;
    const otherwise: F = (x) => (runs++ === 0 ? tf.mul(x, -1) : tf.neg(x));
    expect(calls(otherwise, 4)).toEqual({ values: [-1, -2, -3, -4], recordings: [1, 2, 2, 2] });
  });

  it('is recorded once only where each call is another combination', () => {
    const captured = capture((x: tf.Tensor, step: number) => tf.add(x, step), { warmup: 0 });
    tf.tidy(() => {
      const x = tf.scalar(1);
      for (let step = 0; step < 20; step++) expect(captured(x, step).dataSync()[0]).toBe(1 + step);
    });
    expect(captured.recordings).toBe(1);
    captured.dispose();
  });

  it('takes 0 or 1 as its warmup', () => {
    expect(() => capture((x: tf.Tensor) => x, { warmup: 2 as never })).toThrow('warmup must be 0 or 1, got 2.');
  });
});

it('a function that reads a value at its first call only, to check something, is captured from the second on', () => {
  let isChecked = false;
  const f = (x: tf.Tensor): tf.Tensor => {
    if (!isChecked && !Number.isFinite(tf.sum(x).dataSync()[0])) throw new Error('not finite');
    isChecked = true;
    return tf.neg(x);
  };
  const captured = capture(f, { warmup: 0 });
  const x = tf.tensor1d([1, -2]);
  const before = tf.memory().numTensors;
  for (let i = 0; i < 3; i++) {
    const y = captured(x);
    expect([...y.dataSync()]).toEqual([-1, 2]);
    y.dispose();
  }
  expect([captured.recordings, captured.replays, tf.memory().numTensors]).toEqual([1, 2, before]);
  captured.dispose();
  x.dispose();
});
