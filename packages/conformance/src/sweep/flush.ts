import * as tf from '@tensorflow/tfjs-core';
import type { Program } from './draw.ts';
import { mapNumbers } from './program.ts';

/** The least normal float32. */
const least = 2 ** -126;

/** Whether the current backend takes numbers below the least normal float32 for 0. */
export async function flushes(): Promise<boolean> {
  const [small, product] = tf.tidy(() => {
    const small = tf.tensor1d([1e-38]);
    return [small, tf.mul(small, 1e6)];
  }) as [tf.Tensor, tf.Tensor];
  const [value] = await product.data();
  tf.dispose([small, product]);
  return value === 0;
}

/** A program with 0 in place of the numbers below the least normal float32, of their sign. */
export const flushed = (program: Program): Program => ({
  ...program,
  args: program.args.map((argument) =>
    mapNumbers(argument, (numbers) => ({
      ...numbers,
      values: numbers.values.map((v) => (v !== 0 && Math.abs(v) < least ? v * 0 : v)),
    })),
  ),
});
