import { bernoulli, foldIn, key, normal, normals, split, uniform, uniforms } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, it } from 'vitest';
import { capture, registerNative } from '../../src/index.ts';

await registerNative();
await tf.setBackend('native');
afterAll(() => tf.setBackend('cpu'));

const million = 1_000_001;
const ownKey = foldIn(key(2 ** 40 + 7), 4_000_000_000);

describe('random numbers in C', () => {
  it('are those of the host, bit by bit', () => {
    tf.tidy(() => {
      expect(uniform(ownKey, [million]).dataSync()).toEqual(uniforms(ownKey, million));
      expect(normal(ownKey, [million]).dataSync()).toEqual(normals(ownKey, million));
      const [low, high] = [-0.1, 1 / 3];
      expect(uniform(ownKey, [million], low, high).dataSync()).toEqual(
        uniforms(ownKey, million).map((u) => low + (high - low) * u),
      );
      expect(bernoulli(ownKey, 0.3, [million]).dataSync()).toEqual(
        uniforms(ownKey, million).map((u) => (u < 0.3 ? 1 : 0)),
      );
    });
  });

  it('are drawn for any shape', () => {
    expect(normal(key(0), []).dataSync()).toEqual(normals(key(0), 1));
    expect([normal(key(0), [2, 0]).shape, uniform(key(0), [3, 1]).shape]).toEqual([
      [2, 0],
      [3, 1],
    ]);
  });

  it('differ from step to step and agree within one in a captured function, whose keys go on', () => {
    const step = (state: { at: ReturnType<typeof key> }, x: tf.Tensor) => {
      const [now, next] = split(state.at);
      const mask = bernoulli(foldIn(now, 3), 0.5, [8]);
      return {
        again: bernoulli(foldIn(now, 3), 0.5, [8]),
        mask,
        noise: tf.add(x, normal(now, [5])),
        state: { at: next },
      };
    };
    const captured = capture(step);
    let [plain, own] = [{ at: key(7) }, { at: key(7) }];
    const masks = new Set<string>();
    for (let i = 0; i < 10; i++)
      tf.tidy(() => {
        const x = tf.scalar(i);
        const [a, b] = [step(plain, x), captured(own, x)];
        for (const name of ['mask', 'again', 'noise'] as const) expect(b[name].dataSync()).toEqual(a[name].dataSync());
        expect(b.again.dataSync()).toEqual(b.mask.dataSync());
        expect(b.state).toEqual(a.state);
        masks.add(b.mask.dataSync().join());
        [plain, own] = [a.state, b.state];
      });
    expect(masks.size).toBeGreaterThan(7);
    expect(captured.recordings).toBe(1);
    captured.dispose();
  });

  it('are refused in a captured function where the host draws them from a key that changes', () => {
    const captured = capture((at: ReturnType<typeof key>) => tf.tensor1d(uniforms(at, 3)));
    captured(key(1)).dispose();
    expect(() => captured(key(2))).toThrow('it draws random numbers on the host');
    captured.dispose();
    const constant = capture(() => tf.tensor1d(uniforms(key(1), 3)));
    for (let i = 0; i < 3; i++)
      tf.tidy(() => {
        expect(constant().dataSync()).toEqual(uniforms(key(1), 3));
      });
    constant.dispose();
  });
});
