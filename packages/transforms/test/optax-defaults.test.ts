import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { adabelief, adam, adamw, type GradientTransformation, lamb, lion, rmsprop } from '../src/index.ts';
import { descend } from './support/step.ts';

type Made = {
  readonly rate: number;
  readonly start: number[];
  readonly gradients: readonly number[][];
  readonly ends: { readonly [name: string]: readonly number[] };
};
/** Made by `fixtures/make.py`, in float64, from optax's formulas and defaults. */
const made: Made = JSON.parse(readFileSync(new URL('fixtures/optax-defaults.json', import.meta.url), 'utf8'));

const OPTIMIZERS = { adabelief, adam, adamw, lamb, lion, rmsprop };

beforeAll(() => tf.setBackend('cpu'));

test.each(Object.entries(OPTIMIZERS))('%s without options is that of optax over 50 steps', (name, make) => {
  let step = 0;
  const gradient = () => ({
    value: tf.scalar(0),
    grads: tf.tensor1d(made.gradients[step++] as number[]),
    aux: null,
  });
  const optimizer = make(made.rate) as GradientTransformation<never>;
  const ends = tf.tidy(() => descend(optimizer, gradient, tf.tensor1d(made.start), null, made.gradients.length).at(-1));
  for (const [i, end] of (made.ends[name] as number[]).entries()) {
    const way = Math.abs(end - (made.start[i] as number));
    expect(Math.abs((ends?.[i] as number) - end), `${name}, entry ${i}: ${ends?.[i]} for ${end}`).toBeLessThan(
      1e-3 * way + 5e-7,
    );
  }
});
