import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { describe, expect, test } from 'vitest';
import { adam, chain, interval, microBatch, momentum, samTransform, sgd, skipNonFinite } from '../../src/index.ts';
import { bits, numbers } from '../support/trees.ts';

setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);

type Spoiled = { readonly pass: number; readonly value?: number; readonly grad?: number };

/** The gradient of ½‖w‖², of which one pass of one step is spoiled. */
const spoiling = (spoiled?: Spoiled) => {
  let pass = 0;
  return (w: tf.Tensor) => {
    pass += 1;
    const bad: Partial<Spoiled> = spoiled?.pass === pass ? spoiled : {};
    const grads = tf.clone(w);
    return {
      value: bad.value === undefined ? tf.mul<tf.Scalar>(tf.sum(tf.square(w)), 0.5) : tf.scalar(bad.value),
      grads: bad.grad === undefined ? grads : tf.concat([tf.tensor1d([bad.grad]), tf.slice(grads, 1)]),
      aux: null,
    };
  };
};

const cases: readonly Spoiled[] = [1, 2].flatMap((pass) =>
  [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].flatMap((bad) => [
    { pass, value: bad },
    { pass, grad: bad },
  ]),
);

const optimizer = skipNonFinite(chain(samTransform(0.1), adam(0.1)));

describe.each(['cpu', 'wasm'])('skipNonFinite on %s', (backend) => {
  test.each(cases)('skips a step whole that has %o', async (spoiled) => {
    await tf.setBackend(backend);
    tf.tidy(() => {
      const w: tf.Tensor = tf.tensor1d([3, 4, -1]);
      const [, before] = optimizer.update(spoiling(), optimizer.init(w), w, null);
      const [{ grads, report }, after] = optimizer.update(spoiling(spoiled), before, w, null);
      expect(numbers(grads)).toEqual([0, 0, 0]);
      expect(bits(after.inner)).toEqual(bits(before.inner));
      expect(numbers([before.skipped, after.skipped, report?.skipped])).toEqual([0, 1, 1]);
      expect(after.skipped.dtype).toBe('int32');
      const [good, next] = optimizer.update(spoiling(), after, w, null);
      const [same, wanted] = optimizer.update(spoiling(), before, w, null);
      expect(bits([good.grads, next.inner])).toEqual(bits([same.grads, wanted.inner]));
      expect(numbers([next.skipped, good.report?.skipped])).toEqual([1, 0]);
    });
  });

  test('changes nothing about finite steps, bit for bit', async () => {
    await tf.setBackend(backend);
    tf.tidy(() => {
      const w: tf.Tensor = tf.tensor1d([3, 4, -1]);
      const bare = chain(samTransform(0.1), momentum(0.1));
      const guarded = skipNonFinite(bare);
      const [a, state] = bare.update(spoiling(), bare.init(w), w, null);
      const [b, { inner }] = guarded.update(spoiling(), guarded.init(w), w, null);
      expect(bits([b.grads, b.value, inner])).toEqual(bits([a.grads, a.value, state]));
    });
  });

  test('skips when an optimizer makes a finite gradient infinite', async () => {
    await tf.setBackend(backend);
    tf.tidy(() => {
      const w: tf.Tensor = tf.tensor1d([1e30, 0]);
      const link = skipNonFinite(sgd(1e30));
      const [{ grads, report }] = link.update(
        () => ({ value: tf.scalar(0), grads: w, aux: null }),
        link.init(w),
        w,
        null,
      );
      expect(numbers([grads, report?.skipped])).toEqual([0, 0, 1]);
    });
  });
});

test('sees every slice of a batch, and what is plain data goes on', async () => {
  await tf.setBackend('cpu');
  tf.tidy(() => {
    const link = skipNonFinite(chain(interval(3, samTransform(0.1)), microBatch(1), momentum(0.1)));
    const gradient = (w: tf.Tensor, x: tf.Tensor) => ({
      value: tf.mean<tf.Scalar>(x),
      grads: tf.clone(w),
      aux: null as Tree,
    });
    const w: tf.Tensor = tf.scalar(2);
    const start = link.init(w);
    const [{ grads, report }, state] = link.update(gradient, start, w, tf.tensor1d([1, Number.NaN, 1]));
    expect(numbers([grads, report?.skipped, state.skipped])).toEqual([0, 1, 1]);
    const [[before], [after]] = [start.inner, state.inner];
    expect([before.phase, after.phase]).toEqual([0, 1]);
  });
});

test('counts the skips in a row with a limit, also in a state that was made without, and steps as without', async () => {
  await tf.setBackend('cpu');
  tf.tidy(() => {
    const w: tf.Tensor = tf.tensor1d([3, 4, -1]);
    const limited = skipNonFinite(chain(samTransform(0.1), adam(0.1)), { limit: 2 });
    const [plain, before] = optimizer.update(spoiling(), optimizer.init(w), w, null);
    const [{ grads, report }, good] = limited.update(spoiling(), optimizer.init(w), w, null);
    expect(bits([grads, good.inner])).toEqual(bits([plain.grads, before.inner]));
    expect(numbers([report?.skippedInARow, report?.nonFiniteLeaf, good.inARow])).toEqual([0, -1, 0]);
    expect([plain.report, before].flatMap((record) => Object.keys(record ?? {}))).not.toContain('inARow');
    // The gradient of either pass names the leaf; a loss has none.
    for (const [spoiled, leaf] of [
      [{ pass: 1, grad: Number.NaN }, 0],
      [{ pass: 2, grad: Number.POSITIVE_INFINITY }, 0],
      [{ pass: 1, value: Number.NaN }, -1],
    ] as const) {
      const [once, after] = limited.update(spoiling(spoiled), before, w, null);
      const [twice] = limited.update(spoiling(spoiled), after, w, null);
      expect(numbers([once.report?.skippedInARow, twice.report?.skippedInARow])).toEqual([1, 2]);
      expect(numbers([twice.report?.skipLimit, twice.report?.nonFiniteLeaf])).toEqual([2, leaf]);
      expect(after.inARow?.dtype).toBe('int32');
    }
  });
});
