import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { useBackend } from '../../src/index.ts';
import { fromCpu, wasmKernels } from '../../src/wasm/register.ts';
import { trusted } from '../../src/wasm/trusted.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const namesIn = (heading: string): readonly string[] => {
  const table = readme.split(`| ${heading}`)[1]?.split('\n\n')[0] ?? '';
  return [...table.matchAll(/^\|([^|]*)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''),
  );
};

test('the README lists the kernels that are replaced, and those that stay', () => {
  expect([...namesIn('kernel of this package')].sort()).toEqual(
    [...new Set(wasmKernels.map(({ name }) => name))].sort(),
  );
  expect([...namesIn('kernel of tfjs that stays')].sort()).toEqual([...trusted.keys()].sort());
  for (const name of fromCpu) expect(readme).toContain(`\`${name}\``);
});

describe('numbers of every size on WASM', () => {
  beforeAll(() => useBackend('wasm'));
  const powers = [...Array(77).keys()].flatMap((i) => [1, -2.7].map((m) => Math.fround(m * 10 ** (i - 38))));
  const special = [0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-8, -8e-8, 2e-8, 1e-45];
  const values = Float32Array.from([...powers, ...special]);
  const exact: Readonly<Record<string, (x: number) => number>> = {
    Sign: (x) => Math.sign(x) || 0, // of NaN too, as tfjs has it
    Sin: Math.sin,
    Cos: Math.cos,
    Log1p: Math.log1p,
    Reciprocal: (x) => 1 / x,
    Rsqrt: (x) => 1 / Math.sqrt(x),
    Sqrt: Math.sqrt,
    Exp: Math.exp,
    Expm1: Math.expm1,
    Log: Math.log,
    Tanh: Math.tanh,
    Relu6: (x) => Math.min(Math.max(x, 0), 6),
    Selu: (x) => 1.05070098735548 * (x > 0 ? x : 1.673263242354377 * Math.expm1(x)),
    Abs: Math.abs,
    Square: (x) => x * x,
  };
  for (const [name, f] of Object.entries(exact)) {
    test(`${name} is right of them`, () => {
      const got = tf.tidy(() => tf.engine().runKernel(name, { x: tf.tensor1d(values) }) as tf.Tensor).dataSync();
      for (const [i, x] of values.entries()) {
        const expected = Math.fround(f(x));
        const error = Math.abs((got[i] as number) - expected);
        if (!Object.is(got[i], expected) && !(error <= 2e-6 * Math.abs(expected) + 2e-45))
          expect.fail(`${name}(${x}) is ${got[i]}, not ${expected}`);
      }
    });
  }

  test('NaN wins against any number, and whole numbers and booleans have functions too', () => {
    const nan = tf.tensor1d([Number.NaN, 1, Number.NaN]);
    expect([...tf.maximum(nan, [0, Number.NaN, 2]).dataSync()]).toEqual(Array(3).fill(Number.NaN));
    expect([...tf.minimum(nan, 0).dataSync()]).toEqual([Number.NaN, 0, Number.NaN]);
    const whole = tf.tensor1d([4, -9], 'int32');
    expect([...tf.neg(whole).dataSync(), ...tf.sign(whole).dataSync()]).toEqual([-4, 9, 1, -1]);
    // Stock, it writes four bytes for each of these, which are one byte long.
    const guards = [...Array(8).keys()].map(() => tf.tensor1d([1, 0, 1], 'bool'));
    for (const x of guards) tf.square(x).dispose();
    for (const x of guards) expect([...x.dataSync()]).toEqual([1, 0, 1]);
    tf.dispose([nan, whole, ...guards]);
  });
});
