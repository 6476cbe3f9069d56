import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

const numbers = (x: tf.Tensor): number[] => {
  const read = Array.from(x.dataSync());
  x.dispose();
  return read;
};

describe('a captured function', () => {
  it('reads a constant that was on another backend meanwhile where it is now', async () => {
    const outside = tf.tensor1d([1, 2, 3]);
    const captured = capture((x: tf.Tensor) => tf.add(x, outside));
    const x = tf.tensor1d([10, 20, 30]);
    for (let i = 0; i < 4; i++) {
      expect(numbers(captured(x))).toEqual([11, 22, 33]);
      await tf.setBackend('cpu');
      expect(numbers(tf.neg(outside))).toEqual([-1, -2, -3]);
      await tf.setBackend('native');
      // Takes the place that the constant had.
      const others = Array.from({ length: 5 }, () => tf.fill([3], 7));
      expect(numbers(captured(x))).toEqual([11, 22, 33]);
      tf.dispose(others);
    }
    captured.dispose();
    tf.dispose([outside, x]);
  });

  it('multiplies as the backend does now, where it sets a precision itself', () => {
    const backend = tf.backend() as unknown as { precision: string; inFloat32: readonly string[] };
    const floats = backend.inFloat32;
    const product = (x: tf.Tensor2D): tf.Tensor2D => {
      backend.precision = 'default';
      try {
        return tf.matMul(x, x);
      } finally {
        backend.precision = 'highest';
      }
    };
    const captured = capture(product);
    const x = tf.fill([4, 4], 1 / 3) as tf.Tensor2D;
    try {
      for (const names of [['default'], [], ['default'], []] as const) {
        backend.inFloat32 = names;
        for (let i = 0; i < 4; i++) expect(numbers(captured(x))).toEqual(numbers(product(x)));
      }
    } finally {
      backend.inFloat32 = floats;
      captured.dispose();
      x.dispose();
    }
  });

  it('takes tensors that are on another backend, and says of a freed one that it is freed', async () => {
    const captured = capture((x: tf.Tensor) => tf.square(x));
    await tf.setBackend('cpu');
    const x = tf.tensor1d([2, 3]);
    await tf.setBackend('native');
    for (let i = 0; i < 3; i++) expect(numbers(captured(x))).toEqual([4, 9]);
    x.dispose();
    for (let i = 0; i < 3; i++) expect(() => captured(x)).toThrow(/disposed/);
    captured.dispose();
  });

  it('passes an error of the function on, and works afterwards', () => {
    let fails = false;
    const captured = capture((x: tf.Tensor) => {
      const square = tf.square(x);
      if (fails) throw new RangeError('broken');
      return square;
    });
    const x = tf.tensor1d([2]);
    // As it is; then recorded, and looked at after fifteen calls.
    for (let round = 0; round < 2; round++) {
      fails = true;
      expect(() => captured(x)).toThrow('broken');
      fails = false;
      for (let i = 0; i < 15; i++) expect(numbers(captured(x))).toEqual([4]);
    }
    expect(captured.replays).toBeGreaterThan(15);
    captured.dispose();
    x.dispose();
  });

  it('refuses a number that the host makes of a random key before it is used', () => {
    const seeded = capture((x: tf.Tensor, at: { readonly threefry: readonly [number, number] }) =>
      tf.add(x, at.threefry[0] % 1000),
    );
    const x = tf.tensor1d([0]);
    const given: number[] = [];
    for (let i = 0; i < 9; i++) {
      try {
        given.push(...numbers(seeded(x, { threefry: [i, 7] })));
      } catch (error) {
        expect(error).toMatchObject({ name: 'CaptureError', unsure: 0 });
      }
    }
    expect(given).toEqual([0]);
    seeded.dispose();
    x.dispose();
  });

  it('refuses asynchronous functions, also one that rejects, and trees that hold themselves', async () => {
    const rejecting = capture(async () => {
      throw new Error('later');
    });
    expect(() => rejecting()).toThrow('got one of Promise');
    // A rejection that nobody handles would end the process here.
    await new Promise((resolve) => setTimeout(resolve, 5));
    const circle: { self?: object } = {};
    circle.self = circle;
    const same = capture((x: object) => x);
    expect(() => same(circle)).toThrow('trees of at most 200 levels, and this one may hold itself');
  });

  it('runs as it is while it is profiled or debugged, which need its kernels', async () => {
    const captured = capture((x: tf.Tensor) => tf.square(x));
    const x = tf.tensor1d([2]);
    for (let i = 0; i < 3; i++) captured(x).dispose();
    const { kernels } = await tf.profile(() => {
      captured(x).dispose();
      return [];
    });
    expect(kernels.map(({ name }) => name)).toContain('Square');
    expect(captured.replays).toBe(2);
    captured.dispose();
    x.dispose();
  });

  it('frees what it makes inside of tf.tidy, and may free itself while it runs', () => {
    const outside = tf.scalar(2);
    const captured: { (x: tf.Tensor): tf.Tensor; dispose(): void } = capture((x: tf.Tensor) => {
      captured.dispose();
      return tf.mul(x, outside);
    });
    for (let i = 0; i < 5; i++)
      tf.tidy(() => {
        expect(captured(tf.tensor1d([i])).dataSync()[0]).toBe(2 * i);
      });
    captured.dispose();
    outside.dispose();
  });

  it('looks at once by check() whether it still does the same', () => {
    let factor = 1;
    const captured = capture((x: tf.Tensor) => tf.mul(x, factor));
    const x = tf.tensor1d([3]);
    for (let i = 0; i < 4; i++) captured(x).dispose();
    captured.check();
    factor = 2;
    // Nothing is in doubt yet.
    captured.check();
    captured(x).dispose();
    expect(() => captured.check()).toThrow(
      /numbers of the host that change .* What its last replay has given may be wrong/,
    );
    for (let i = 0; i < 3; i++) expect(numbers(captured(x))).toEqual([6]);
    captured.dispose();
    x.dispose();
  });

  it('takes strings along, and refuses complex numbers, whose kernels run in JavaScript', () => {
    const captured = capture((x: tf.Tensor, name: tf.Tensor) => ({ x: tf.neg(x), name }));
    const [x, name, complex] = [tf.tensor1d([1]), tf.tensor1d(['a']), tf.complex([1], [2])];
    for (let i = 0; i < 4; i++) {
      const made = captured(x, name);
      expect([...made.x.dataSync(), ...made.name.dataSync()]).toEqual([-1, 'a']);
      tf.dispose(made);
    }
    expect(captured.replays).toBe(3);
    const real = capture((z: tf.Tensor) => tf.real(z));
    expect(numbers(real(complex))).toEqual([1]);
    expect(() => real(complex)).toThrow('Real runs in JavaScript here');
    for (const each of [captured, real]) each.dispose();
    tf.dispose([x, name, complex]);
  });

  it('refuses the time of the clock, also where it is looked at again within a millisecond', () => {
    const x = tf.scalar(0);
    for (const warmup of [0, 1] as const) {
      const captured = capture((y: tf.Tensor) => tf.add(y, Date.now() % 1000), { warmup });
      for (let i = 0; i < 20; i++) {
        const before = Date.now();
        const [first] = numbers(captured(x));
        const spread = Date.now() - before;
        expect(((first ?? 0) - (before % 1000) + 1000) % 1000).toBeLessThanOrEqual(spread);
        expect(() => captured(x)).toThrow('numbers of the host that change');
        captured.dispose();
      }
    }
    x.dispose();
  });

  it('does not wait for a clock that stands still', () => {
    const now = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(now);
    try {
      const captured = capture((x: tf.Tensor) => tf.neg(x));
      const x = tf.scalar(2);
      for (let i = 0; i < 3; i++) expect(numbers(captured(x))).toEqual([-2]);
      captured.dispose();
      x.dispose();
    } finally {
      clock.mockRestore();
    }
  });

  it('refuses lists with properties beside their elements, given or made, which would be lost', () => {
    const x = tf.scalar(1);
    const sum = capture((list: readonly tf.Tensor[]) => tf.addN([...list]));
    const named = Object.assign([x], { found: 3 });
    expect(() => sum(named)).toThrow(
      'lists of nothing but their elements, got one with found at "[0]": make it a record',
    );
    expect(() => sum(Object.assign([x], { [Symbol('mark')]: x }))).toThrow('got one with Symbol(mark) at "[0]"');
    const making = capture((y: tf.Tensor) => ({ all: Object.assign([tf.neg(y)], { kind: 'neg' }) }));
    expect(() => making(x)).toThrow('got one with kind at ".all"');
    expect(numbers(sum([x, x]))).toEqual([2]);
    for (const each of [sum, making]) each.dispose();
    x.dispose();
  });

  it('keeps `this`, and records for each of them', () => {
    const times = capture(function (this: { readonly factor: number }, x: tf.Tensor) {
      return tf.mul(x, this.factor);
    } as (x: tf.Tensor) => tf.Tensor);
    const [double, triple] = [
      { factor: 2, times },
      { factor: 3, times },
    ];
    const x = tf.scalar(5);
    for (let i = 0; i < 4; i++) {
      expect(numbers(double.times(x))).toEqual([10]);
      expect(numbers(triple.times(x))).toEqual([15]);
    }
    expect([times.recordings, times.replays]).toEqual([2, 6]);
    double.factor = 7;
    expect(() => times.check()).toThrow('may be wrong');
    times.dispose();
    x.dispose();
  });
});
