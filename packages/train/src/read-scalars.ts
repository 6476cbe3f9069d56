import type { Report } from '@steppe/transforms';
import * as tf from '@tensorflow/tfjs-core';
import { checkScalars } from './check-scalars.ts';

/** Named numbers, such as what a step measured. */
export type Numbers = { readonly [name: string]: number };

/**
 * Reads named scalars back to the host, all in one transfer; the scalars stay the caller's.
 *
 * @throws When one is no scalar or already freed, by its name.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { readScalars } from '@steppe/train';
 *
 * console.log(await readScalars({ loss: tf.scalar(0.5), rho: tf.scalar(0.25) })); // => { loss: 0.5, rho: 0.25 }
 * ```
 */
export async function readScalars(scalars: Report): Promise<Numbers> {
  checkScalars('scalar', scalars);
  const names = Object.keys(scalars);
  if (names.length === 0) return {};
  const stacked = tf.tidy(() =>
    tf.stack(names.map((name) => tf.reshape(tf.cast(scalars[name] as tf.Scalar, 'float32'), []))),
  );
  try {
    const values = await stacked.data();
    return Object.fromEntries(names.map((name, i) => [name, values[i] as number]));
  } finally {
    stacked.dispose();
  }
}
