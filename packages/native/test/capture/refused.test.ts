import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, it } from 'vitest';
import { capture, registerNative } from '../../src/index.ts';

await registerNative();
await tf.setBackend('native');
afterAll(() => tf.setBackend('cpu'));

const x = tf.tensor1d([3, 1, 2]);
afterAll(() => x.dispose());

type Unary = (at: tf.Tensor1D) => unknown;

/** What a function is refused with within some calls, and after how many that gave what it gives. */
function refusal(f: Unary, calls = 3): readonly [message: string, right: number] {
  const captured = capture(f);
  const before = tf.memory().numTensors;
  try {
    for (let right = 0; right < calls; right++) {
      try {
        tf.dispose(captured(x) as never);
      } catch (error) {
        expect((error as Error).name).toBe('CaptureError');
        return [(error as Error).message, right];
      }
    }
    return ['', calls];
  } finally {
    captured.dispose();
    expect(tf.memory().numTensors).toBe(before);
  }
}

describe('a function that cannot be replayed is refused', () => {
  it('by the kernel that runs in JavaScript', () => {
    expect(refusal((at) => tf.diag(at))).toEqual([
      'The function cannot be captured: Diag runs in JavaScript here. Call it as it is.',
      1,
    ]);
  });

  it('where it reads a value back, also where it hides the error', async () => {
    expect(refusal((at) => tf.mul(at, tf.max(at).dataSync()[0] ?? 0))[0]).toContain('reads values back to the host');
    const hidden: Unary = (at) => {
      try {
        return tf.mul(at, tf.max(at).arraySync());
      } catch {
        return tf.neg(at);
      }
    };
    expect(refusal(hidden)[0]).toContain('reads values back to the host');
  });

  it('where it makes tensors from numbers of the host that change', () => {
    let calls = 0;
    expect(refusal((at) => tf.mul(at, calls++))).toEqual([
      expect.stringContaining('makes a tensor of 4 bytes from numbers of the host that change'),
      1,
    ]);
    expect(refusal((at) => tf.add(at, tf.randomNormal([3])))[0]).toContain('tf.random*');
    let more = 0;
    expect(refusal((at) => tf.clipByValue(at, 0, more++))[0]).toContain('ClipByValue gets a number');
    let rounds = 0;
    expect(refusal((at) => Array.from({ length: ++rounds }).reduce<tf.Tensor>((sum) => tf.neg(sum), at))[0]).toContain(
      'kernels, then',
    );
    expect(refusal((at) => [tf.neg(at), more++])[0]).toContain('other plain values');
    expect(refusal((at) => [tf.neg(at), tf.scalar(more++)])[0]).toContain('that change (tf.scalar, tf.tensor');
  });

  it('where it reads tensors that are none of its inputs and change, or a variable', () => {
    const others = [1, 2, 3, 4].map((value) => tf.scalar(value));
    let calls = 0;
    expect(refusal((at) => tf.mul(at, others[calls++] ?? 0))[0]).toContain('each time another one: pass it in');
    const variable = tf.variable(tf.scalar(2), false, 'rate');
    expect(refusal((at) => tf.mul(at, variable))[0]).toContain('reads the variable rate');
    tf.dispose([...others, variable]);
  });

  it('where what it takes or gives is no tree', () => {
    expect(refusal(async (at) => tf.neg(at))[0]).toContain('got one of Promise at "."');
    expect(refusal((at) => ({ sum: at, when: new Date(0) }))[0]).toContain('got one of Date at ".when"');
    const captured = capture((f: () => number) => f());
    expect(() => captured(() => 1)).toThrow('got one of Function at "[0]"');
  });

  it('where it is called on another backend, or there is none that captures', async () => {
    const captured = capture(() => tf.scalar(1));
    await tf.setBackend('cpu');
    expect(() => captured()).toThrow("A captured function runs on native alone, got cpu: tf.setBackend('native').");
    expect(() => capture(() => 1)).toThrow('capture needs the backend native, got cpu');
    await tf.setBackend('native');
    expect(() => capture(3 as never)).toThrow('capture takes a function, got number.');
  });

  it('where it keeps a tensor for later at every call, which has the values of that call', () => {
    const kept: tf.Tensor[] = [];
    const captured = capture((at: tf.Tensor) => {
      kept.push(tf.keep(tf.neg(at)));
      return tf.add(at, 1);
    });
    captured(x).dispose();
    expect(() => captured(x)).toThrow('it keeps a tensor for later (tf.keep, or a variable that it assigns to)');
    expect(kept.map((each) => each.arraySync())).toEqual(kept.map(() => tf.tidy(() => tf.neg(x).arraySync())));
    expect(kept).toHaveLength(2);
    captured.dispose();
    tf.dispose(kept);
  });

  it('where it assigns to a variable, which holds what a call assigns', () => {
    const variable = tf.tidy(() => tf.variable(tf.zerosLike(x)));
    const captured = capture((at: tf.Tensor) => {
      variable.assign(tf.mul(at, 2));
      return tf.add(at, 1);
    });
    captured(x).dispose();
    expect(() => captured(x)).toThrow('a variable that it assigns to');
    expect(variable.arraySync()).toEqual(tf.tidy(() => tf.mul(x, 2).arraySync()));
    captured.dispose();
    variable.dispose();
  });

  it('and a tensor without values, kept when the inputs of old were gone, is read by no kernel and no replay', () => {
    let kept: tf.Tensor | undefined;
    let keeps = false;
    const captured = capture((at: tf.Tensor) => {
      if (keeps) kept = tf.keep(tf.neg(at));
      return tf.add(at, 1);
    });
    for (let i = 0; i < 4; i++) tf.tidy(() => captured(tf.clone(x)));
    keeps = true;
    expect(() => captured.check()).toThrow('it keeps a tensor for later');
    const other = capture((at: tf.Tensor) => tf.add(at, 1));
    for (let i = 0; i < 3; i++) other(x).dispose();
    for (const use of [(at: tf.Tensor) => tf.neg(at), other, (at: tf.Tensor) => at.dataSync()])
      expect(() => use(kept as tf.Tensor)).toThrow('was made and kept (tf.keep) while a function was recorded');
    for (const each of [captured, other]) each.dispose();
    kept?.dispose();
  });

  it('where a tensor from outside was disposed, as it is without a capture', () => {
    const outside = tf.tensor1d([2]);
    const captured = capture((at: tf.Tensor) => tf.mul(at, outside));
    for (let i = 0; i < 4; i++) captured(x).dispose();
    outside.dispose();
    expect(() => captured.check()).toThrow('used after it was disposed');
    captured.dispose();
  });

  it('where names of what it takes are no texts', () => {
    const captured = capture((at: tf.Tensor, by: { [name: symbol]: number }) => tf.mul(at, by[factor] ?? 0));
    const factor = Symbol('factor');
    expect(() => captured(x, { [factor]: 2 })).toThrow(
      'It takes and gives records whose names are texts, got Symbol(factor).',
    );
    captured.dispose();
  });

  it('with the error of the kernel itself where it fails while it is replayed', () => {
    const gathered = capture((table: tf.Tensor, index: tf.Tensor1D) => tf.gather(table, index));
    const run = (index: number) => {
      const at = tf.tensor1d([index], 'int32');
      try {
        return tf.tidy(() => gathered(x, at).dataSync()[0]);
      } finally {
        at.dispose();
      }
    };
    const before = tf.memory().numTensors;
    expect([run(0), run(1), run(2), run(0)]).toEqual([3, 1, 2, 3]);
    expect(gathered.recordings).toBe(1);
    expect(() => run(3)).toThrow('GatherV2: an index is not in [0, 2]');
    expect(run(1)).toBe(1);
    gathered.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
