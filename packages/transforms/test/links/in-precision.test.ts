import { preciseBackend } from '@steppe/kernels';
import { registerNative } from '@steppe/native';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  chain,
  epsilonHat,
  firstExamples,
  inPrecision,
  microBatch,
  samTransform,
  scale,
  sgd,
  textOf,
  trace,
} from '../../src/index.ts';

beforeAll(async () => {
  await registerNative();
  await tf.setBackend('native');
  const backend = preciseBackend();
  if (backend) backend.inFloat32 = []; // it rounds, also where float32 is faster
});
afterAll(() => tf.setBackend('cpu'));

const [w, x] = [tf.randomNormal([7, 5], 0, 1, 'float32', 1), tf.randomNormal([9, 7], 0, 1, 'float32', 2)];
/** Of L(W) = ‖XW‖² / 2. */
const gradient = (at: tf.Tensor, batch: tf.Tensor) => {
  const y = tf.matMul(batch, at);
  return { value: tf.sum<tf.Scalar>(tf.square(y)), grads: tf.matMul(batch, y, true), aux: null };
};
const gradsOf = (link: ReturnType<typeof inPrecision>, at = w, batch = x) =>
  link.update(gradient, null, at, batch)[0].grads;
const bits = (tensor: tf.Tensor) => Array.from(tensor.dataSync());
const highest = () => bits(gradient(w, x).grads);

describe('inPrecision', () => {
  test('evaluates what stands before it in a precision, and what comes behind as before', () => {
    const [exact, high, rough] = [highest(), bits(gradsOf(inPrecision('high'))), bits(gradsOf(inPrecision('default')))];
    const off = (values: readonly number[]) => Math.max(...values.map((value, i) => Math.abs(value - (exact[i] ?? 0))));
    expect(off(high)).toBeLessThan(2e-3);
    expect(off(rough)).toBeGreaterThan(1e-2);
    expect(off(rough)).toBeLessThan(1);
    expect(highest()).toEqual(exact);
    expect(bits(gradsOf(inPrecision('highest')))).toEqual(exact);
  });

  test('leaves the precision as it was when the gradient throws', () => {
    const broken = () => {
      expect(preciseBackend()?.precision).toBe('default');
      throw new Error('broken');
    };
    expect(() => inPrecision('default').update(broken, null, w, x)).toThrow('broken');
    expect(preciseBackend()?.precision).toBe('highest');
  });

  test('next to the gradient counts: the first in a chain', () => {
    const [first] = chain(inPrecision('highest'), inPrecision('default')).update(gradient, [null, null], w, x);
    expect(bits(first.grads)).toEqual(highest());
  });

  test('says once that a backend knows only float32, and changes nothing there', async () => {
    await tf.setBackend('cpu');
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      expect(bits(gradsOf(inPrecision('default')))).toEqual(highest());
      gradsOf(inPrecision('high'));
      const [line, ...others] = warn.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('cpu'));
      expect(others).toEqual([]);
      expect(line ?? "inPrecision('default') changes nothing on the backend cpu").toContain(
        'changes nothing on the backend cpu',
      );
    } finally {
      warn.mockRestore();
      await tf.setBackend('native');
    }
  });

  test('refuses a precision that is none', () => {
    expect(() => inPrecision('low' as 'high')).toThrow(/^precision must be .*"high".*, got "low"/);
  });
});

describe('the ascent of SAM', () => {
  test('takes its gradient through a link, and the descent its own in full', () => {
    for (const ascent of [inPrecision('default'), firstExamples(0.5), chain(firstExamples(0.3), inPrecision('high'))]) {
      const link = samTransform(0.5, 2, { ascent });
      const [{ grads, value }] = link.update(gradient, link.init(w), w, x);
      const [rough] = ascent.update(gradient, ascent.init(w) as never, w, x);
      const expected = gradient(tf.add(w, epsilonHat(rough.grads, 0.5)), x).grads;
      expect(tf.max(tf.abs(tf.sub(grads, expected))).arraySync()).toBeLessThan(1e-4);
      expect(bits(value)).toEqual(bits(rough.value));
    }
  });

  test('costs what its gradients cost', () => {
    const costs = [
      samTransform(0.1, 2, { ascent: firstExamples(0.25) }),
      samTransform(0.1, 2, { ascent: firstExamples(0.25), steps: 3 }),
      samTransform(0.1, 2, { ascent: inPrecision('default') }),
      chain(samTransform(0.1, 2, { ascent: firstExamples(0.25) }), microBatch(2), sgd(0.1)),
    ].map(({ gradientCost }) => gradientCost);
    expect(costs).toEqual([1.25, 1.75, 2, 1.25]);
  });

  test('refuses what remembers, what turns the gradient around, and the term through it', () => {
    const remembers = samTransform(0.1, 2, { ascent: trace(0.9) });
    expect(() => remembers.init(w)).toThrow(
      'ascent must be a link without a state, got trace: put it before SAM in the chain.',
    );
    expect(() => samTransform(0.1, 2, { ascent: scale(-1) })).toThrow(
      'ascent must leave the gradient uphill, got scale: SAM would descend.',
    );
    expect(() => samTransform(0.1, 2, { order: 2, ascent: firstExamples(0.5) })).toThrow('got ascent.');
    expect(textOf(samTransform(0.1, 2, { ascent: inPrecision('high') }))).toBe(
      "samTransform(0.1, 2, { ascent: inPrecision('high') })",
    );
  });
});
