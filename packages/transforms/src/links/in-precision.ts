import { checkOneOf } from '@steppe/check';
import { type Precision, preciseBackend, precisions } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from './call.ts';
import { transformation } from './transformation.ts';

/** The backends of which it was said that they know only one precision. */
const told = new Set<string>();

/** Says once of a backend that it has no other precision: the chain is right there, and no faster. */
function tell(precision: Precision): void {
  const name = tf.getBackend();
  if (precision === 'highest' || told.has(name)) return;
  told.add(name);
  console.warn(
    `inPrecision('${precision}') changes nothing on the backend ${name}, which multiplies in float32; native has more.`,
  );
}

/** Computes something with products in a precision; what is computed behind it is in the one before. */
function within<Result>(precision: Precision, compute: () => Result): Result {
  const current = preciseBackend();
  if (!current) {
    tell(precision);
    return compute();
  }
  const before = current.precision;
  current.precision = precision;
  try {
    return compute();
  } finally {
    current.precision = before;
  }
}

/**
 * Evaluates what stands before it with convolutions and matrix products in a precision, as a link of a chain: cheap
 * gradients where they need not be exact.
 *
 * `highest` is float32; `default` rounds operands to bfloat16 (relative errors near 1e-3), `high` takes each as the sum
 * of two (near 1e-6, in three products). Sums, results, weights and what other links do stay float32. The backend
 * `native` has all three, where they are faster than float32 on the processor. Another one multiplies in float32
 * whatever is asked, and one line on the console says so once.
 *
 * Of several the one next to the gradient counts: `chain(inPrecision('highest'), inPrecision('default'))` is float32. It counts as
 * a whole gradient in `gradientCost`, whatever the precision.
 *
 * @param precision - `'highest'`, `'high'` or `'default'`, as in JAX.
 * @throws When there is no such precision.
 * @see Micikevicius et al., Mixed Precision Training, ICLR 2018; Kalamkar et al., A Study of BFLOAT16 for Deep Learning
 * Training, 2019.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { chain, inPrecision, samTransform, sgd } from '@steppe/transforms';
 *
 * const cheapAscent = samTransform(0.05, 2, { ascent: inPrecision('default') }); // the descent stays exact
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null });
 * const optimizer = chain(cheapAscent, sgd(0.1));
 * const w = tf.tensor1d([3, 4]);
 * const [{ grads }] = optimizer.update(gradient, optimizer.init(w), w, null);
 * console.log([...grads.dataSync()].map((x) => x.toFixed(3))); // => [ '-0.606', '-0.808' ]
 * ```
 */
export function inPrecision(precision: Precision): GradientTransformation<null> {
  checkOneOf('precision', precision, precisions);
  return transformation({
    ...call('inPrecision', precision),
    gradientCost: 1,
    init: () => null,
    update: (gradient, state, params, batch) => [within(precision, () => gradient(params, batch)), state],
    linear: (product, _state, params, batch) => within(precision, () => product(params, batch)),
  });
}
