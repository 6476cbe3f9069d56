import { fc, test } from '@fast-check/vitest';
import { ioCallback, refuseInRecording } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { capture, registerNative } from '../../src/index.ts';
import { floats } from '../support/arbitraries.ts';

await registerNative();
await tf.setBackend('native');
afterAll(() => tf.setBackend('cpu'));

const of = (seed: number): tf.Tensor1D => tf.tensor1d(Float32Array.from(floats([6], seed).values));
const bits = (tensors: readonly tf.Tensor[]): unknown[] =>
  tensors.map((x) => [x.dtype, x.shape, ...new Uint8Array(x.dataSync().slice().buffer)]);

/** What callbacks were given, one after the other. */
let told: string[] = [];
beforeEach(() => {
  told = [];
});

/** Adds what it is given to numbers of its own, in doubles as no kernel does, and gives the sum and its first number. */
const added = (inputs: readonly tf.Tensor[], about: number): readonly tf.Tensor[] => {
  const values = inputs.map((x) => x.dataSync());
  told.push(`${about} ${values.map(([first]) => first)}`);
  const sums = Array.from({ length: 6 }, (_, i) => values.reduce((sum, of) => sum + (of[i] ?? 0) / 3, about));
  return [tf.tensor1d(sums), tf.scalar(Math.trunc(sums[0] ?? 0), 'int32')];
};
const results = [
  { shape: [6], dtype: 'float32' },
  { shape: [], dtype: 'int32' },
] as const;
const sum = (inputs: readonly tf.Tensor[], about = 1) =>
  ioCallback({ name: 'added', run: added, inputs, about, results });

/** What all calls read from outside. */
const outside = of(99);
afterAll(() => outside.dispose());

/** Runs what must be the same twice: as it is, and captured. */
function both(f: (x: tf.Tensor1D, y: tf.Tensor1D) => tf.Tensor[], fuse: boolean, warmup: 0 | 1): void {
  const captured = capture(f, { fuse, warmup });
  const before = tf.memory();
  for (let call = 0; call < 4; call++) {
    const [x, y] = [of(call), of(call + 50)];
    const own = tf.tidy(() => f(x, y));
    const expected = [bits(own), told];
    told = [];
    const replayed = captured(x, y);
    expect([bits(replayed), told]).toEqual(expected);
    told = [];
    tf.dispose([...own.filter((each) => each !== outside), ...replayed, x, y]);
  }
  expect(captured.replays).toBe(warmup === 0 ? 4 : 3);
  captured.check();
  expect(told).toEqual([]);
  captured.dispose();
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  expect([numTensors, numDataBuffers, numBytes]).toEqual([before.numTensors, before.numDataBuffers, before.numBytes]);
}

/** Steps of a random function: each makes tensors of earlier ones. */
const steps = fc.array(fc.tuple(fc.nat(5), fc.nat(30), fc.nat(30)), { minLength: 1, maxLength: 25 });

describe('a callback', () => {
  test.prop({ list: steps, kept: fc.array(fc.nat(60), { maxLength: 5 }), fuse: fc.boolean(), first: fc.boolean() })(
    'among any kernels is made once a call, in its place, with the bits of a run without a recording',
    ({ list, kept, fuse, first }) => {
      const f = (x: tf.Tensor1D, y: tf.Tensor1D): tf.Tensor[] => {
        const there: tf.Tensor[] = [x, y, outside, tf.tensor1d([1, 2, 3, 4, 5, 6]), tf.reshape(x, [2, 3])];
        const at = (i: number): tf.Tensor => there[i % there.length] as tf.Tensor;
        const flat = (i: number): tf.Tensor =>
          tf.add(tf.reshape(tf.cast(at(i), 'float32'), [-1]), tf.zeros([6])) as tf.Tensor1D;
        for (const [kind, a, b] of list) {
          if (kind === 0) there.push(tf.mul(flat(a), 0.5));
          else if (kind === 1) there.push(tf.tanh(flat(a)));
          else if (kind === 2) there.push(tf.add(flat(a), flat(b)));
          else if (kind === 3) there.push(tf.reshape(flat(a), [3, 2]));
          else there.push(...sum(kind === 4 ? [at(a), at(b), at(a)] : [flat(a)], b));
        }
        return [...kept.map(at), ...there.slice(-2)];
      };
      both(f, fuse, first ? 0 : 1);
    },
  );
});

/** What a captured function ends with within three calls, and what is left behind then. */
function failing(f: (x: tf.Tensor1D) => readonly tf.Tensor[]): readonly [message: string, leaks: number] {
  const captured = capture((x: tf.Tensor1D) => [...f(x)]);
  const x = of(1);
  const before = tf.memory();
  let message = '';
  try {
    for (let i = 0; i < 3; i++) tf.dispose(captured(x));
  } catch (error) {
    message = (error as Error).message;
  }
  captured.dispose();
  const { numTensors, numDataBuffers } = tf.memory();
  x.dispose();
  return [message, numTensors - before.numTensors + numDataBuffers - before.numDataBuffers];
}

describe('a callback is refused', () => {
  it('where another one is recorded, or what it is about changes', () => {
    const like = { name: 'sent', about: 1, results: [] };
    const other = (x: tf.Tensor): tf.Tensor[] => {
      ioCallback({ ...like, run: () => [], inputs: [x] });
      return [tf.neg(x)];
    };
    expect(failing((x) => other(x))).toEqual([expect.stringContaining('but sent does something else'), 0]);
    let calls = 0;
    expect(failing((x) => sum([x], calls++))).toEqual([expect.stringContaining('but added does something else'), 0]);
    expect(failing((x) => sum(calls++ % 2 ? [x] : [x, x]))).toEqual([expect.stringContaining('added'), 0]);
  });

  it('where it gives something else than it said, now and at a replay', () => {
    const said = 'added said that it gives float32[6], and gave float32[6] int32[].';
    const run = added;
    const wrong = (x: tf.Tensor) =>
      ioCallback({ name: 'added', run, inputs: [x], about: 0, results: results.slice(0, 1) });
    expect(failing(wrong)).toEqual([said, 0]);
    let made = 0;
    const later = (inputs: readonly tf.Tensor[]) => added(inputs, 0).slice(0, made++ === 0 ? 1 : 2);
    const about = { name: 'added', run: later, about: 0, results: results.slice(0, 1) };
    // The first call runs as it is, the second is a replay.
    expect(failing((x) => ioCallback({ ...about, inputs: [tf.neg(x)] }))).toEqual([said, 0]);
  });
});

it('an error of a callback ends the call, leaves nothing behind, and the next call goes on', () => {
  let fault = false;
  const lost = ([x]: readonly tf.Tensor[]): readonly tf.Tensor[] => {
    if (fault) throw new Error('A peer is lost.');
    return [tf.add(x as tf.Tensor, 1)];
  };
  const step = (x: tf.Tensor1D): tf.Tensor[] => {
    const y = tf.tanh(x);
    const [z] = ioCallback({ name: 'sent', run: lost, inputs: [y], about: null, results: [y] }) as [tf.Tensor];
    return [tf.mul(y, z), y, z];
  };
  const captured = capture(step);
  const x = of(1);
  tf.dispose([captured(x), captured(x)]);
  const { numTensors, numDataBuffers } = tf.memory();
  fault = true;
  expect(() => captured(x)).toThrow('A peer is lost.');
  expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
  fault = false;
  const [own, replayed] = [step(x), captured(x)];
  expect(bits(replayed)).toEqual(bits(own));
  captured.dispose();
  tf.dispose([own, replayed, x]);
});

it('what a callback gives back or keeps stays as it is while others are made', () => {
  const kept: tf.Tensor[] = [];
  const back = ([x, y]: readonly tf.Tensor[]): readonly tf.Tensor[] => {
    kept.push(tf.keep(tf.clone(x as tf.Tensor)));
    return [y, x, y] as tf.Tensor[];
  };
  const step = (x: tf.Tensor1D): tf.Tensor[] => {
    const y = tf.tanh(x);
    const run = { name: 'back', run: back, about: null, results: [y, y, y] };
    const [first, second, third] = ioCallback({ ...run, inputs: [tf.neg(y), y] }) as tf.Tensor[];
    return [
      ...ioCallback({ ...run, inputs: [tf.add(first as tf.Tensor, 1), second as tf.Tensor] }),
      third as tf.Tensor,
    ];
  };
  const captured = capture(step);
  const x = of(1);
  const own = tf.tidy(() => step(x));
  for (let i = 0; i < 3; i++) expect(bits(captured(x))).toEqual(bits(own));
  expect(kept.map((each) => bits([each]))).toEqual(kept.map((_, i) => bits([kept[i % 2] as tf.Tensor])));
  captured.dispose();
  tf.dispose([kept, own, x]);
});

it('a function that keeps a tensor at its first call makes the callback once in it, where the tensor does not need it', () => {
  let scale: tf.Tensor | undefined;
  const step = (x: tf.Tensor1D): tf.Tensor[] => {
    scale ??= tf.keep(tf.mul(tf.ones([6]), 3));
    return [...sum([tf.mul(x, scale)])];
  };
  const captured = capture(step, { warmup: 0 });
  const x = of(1);
  const calls = [captured(x), captured(x), captured(x)].map(bits);
  expect(told).toHaveLength(3);
  expect(calls).toEqual([0, 1, 2].map(() => bits(step(x))));
  captured.dispose();
  scale?.dispose();
});

it('a tensor kept at a first call that is made of what a callback gives has its values', () => {
  let first: tf.Tensor | undefined;
  const step = (x: tf.Tensor1D): tf.Tensor[] => {
    const [y] = sum([x]);
    first ??= tf.keep(tf.mul(y as tf.Tensor, 2));
    return [tf.add(y as tf.Tensor, first)];
  };
  const captured = capture(step, { warmup: 0 });
  const x = of(1);
  const calls = [captured(x), captured(x), captured(x)].map(bits);
  expect(calls).toEqual([0, 1, 2].map(() => bits(step(x))));
  expect(bits([first as tf.Tensor])).toEqual(bits([tf.mul(sum([x])[0] as tf.Tensor, 2)]));
  captured.dispose();
  first?.dispose();
});

it('what cannot be made again is refused by its name while a function is recorded, and only then', () => {
  refuseInRecording('it sends');
  const sends = (x: tf.Tensor): tf.Tensor[] => {
    refuseInRecording('it sends');
    return [tf.neg(x)];
  };
  expect(failing(sends)).toEqual(['The function cannot be captured: it sends. Call it as it is.', 0]);
});

it('a callback stands in a function whose gradient is taken', () => {
  const run = ([x]: readonly tf.Tensor[], about: number): readonly tf.Tensor[] => [tf.mul(x as tf.Tensor, about)];
  const scaled = tf.customGrad((x) => {
    const by = (of: tf.Tensor): tf.Tensor =>
      ioCallback({ name: 'scaled', run, inputs: [of], about: 3, results: [of] })[0] as tf.Tensor;
    return { value: by(x as tf.Tensor), gradFunc: (dy: tf.Tensor) => by(dy) };
  });
  both((x, y) => [tf.grad((at) => tf.sum(tf.mul(scaled(tf.square(at)), y)))(x)], true, 0);
});

it.each([0, 1] as const)('a callback may call the function that it stands in (warmup %d)', (warmup) => {
  let deep = false;
  const run = ([x]: readonly tf.Tensor[]): readonly tf.Tensor[] => {
    if (!deep) return [tf.add(x as tf.Tensor, 1)];
    deep = false;
    return [captured(x as tf.Tensor)];
  };
  const step = (x: tf.Tensor): tf.Tensor => {
    const [made] = ioCallback({
      name: 'again',
      run,
      inputs: [tf.add(x, 1)],
      about: null,
      results: [{ shape: [3], dtype: 'float32' }],
    });
    return tf.mul(made as tf.Tensor, 2);
  };
  const captured: (x: tf.Tensor) => tf.Tensor = capture(step, { warmup });
  for (let i = 0; i < 6; i++) {
    // Twice: 2 (2 (x + 2 + 1)), and once: 2 (x + 2).
    deep = i !== 1;
    const expected = deep ? 4 * (i + 3) : 2 * (i + 2);
    expect(tf.tidy(() => [...captured(tf.fill([3], i)).dataSync()])).toEqual(Array(3).fill(expected));
  }
});

it.each([
  ['infinities', [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
  ['NaN and null', [Number.NaN, null]],
  ['zeros', [0, -0]],
])('a callback that is given other values is found, also where JSON writes them alike: %s', (_, values) => {
  let call = 0;
  const run = ([x]: readonly tf.Tensor[]): readonly tf.Tensor[] => [tf.clone(x as tf.Tensor)];
  const step = (x: tf.Tensor): tf.Tensor[] => {
    const about = values[call++ % 2] ?? null;
    return [
      ...ioCallback({ name: 'told', run, inputs: [tf.neg(x)], about, results: [{ shape: [6], dtype: 'float32' }] }),
    ];
  };
  expect(failing(step)[0]).toMatch(/it must do the same at every call/);
});

it('an argument that a callback frees is not read behind it', () => {
  let x = of(0);
  const run = ([y]: readonly tf.Tensor[]): readonly tf.Tensor[] => {
    x.dispose();
    return [tf.add(y as tf.Tensor, of(7))];
  };
  const results = [{ shape: [6], dtype: 'float32' }] as const;
  const step = (given: tf.Tensor): tf.Tensor[] => {
    const [made] = ioCallback({ name: 'frees', run, inputs: [tf.neg(given)], about: null, results });
    return [tf.add(made as tf.Tensor, given)];
  };
  const captured = capture(step, { warmup: 0 });
  for (let call = 0; call < 3; call++) {
    x = of(call);
    expect(() => tf.tidy(() => captured(x))).toThrow(/disposed/);
  }
  captured.dispose();
});
