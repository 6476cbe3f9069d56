import { type ListEngine, TreeAddScaled, TreeMomentum, TreeNorm } from '@steppe/kernels';
import { engine, type NamedAttrMap, type Scalar, type Tensor } from '@tensorflow/tfjs-core';

/** Numbers of a momentum step, as scalar tensors: a schedule may compute them. */
export type MomentumNumbers = {
  readonly rate: Scalar;
  readonly momentum: Scalar;
  readonly decay: Scalar;
  /** Whether the step looks ahead along the new trace. */
  readonly nesterov?: boolean;
};

/** Runs a kernel over lists of tensors, which tfjs passes on as it does the terms of AddN. */
function run<Result extends Tensor | Tensor[]>(name: string, inputs: readonly Tensor[], attrs: NamedAttrMap): Result {
  const lists: ListEngine = engine();
  return lists.runKernel<Result>(name, inputs, attrs);
}

function paired(what: string, a: readonly Tensor[], b: readonly Tensor[]): void {
  const odd = a.findIndex((tensor, i) => tensor.size !== b[i]?.size);
  if (a.length === b.length && odd < 0) return;
  throw new Error(
    `${what} must be as many tensors of the same sizes, got ${a.length} and ${b.length}${odd < 0 ? '' : ` that differ at ${odd}`}.`,
  );
}

/**
 * Computes the norm of a whole tree in one call: √Σ a². It overflows or vanishes only where the norm itself does.
 *
 * @param leaves - float32 tensors on the backend `native`.
 *
 * @example
 * ```ts
 * import { registerNative, treeNorm } from '@steppe/native';
 * import * as tf from '@tensorflow/tfjs-core';
 *
 * await registerNative();
 * await tf.setBackend('native');
 * console.log((treeNorm([tf.tensor1d([3e30]), tf.tensor1d([4e30])]).arraySync() / 1e30).toFixed(3)); // => 5.000
 * ```
 */
export function treeNorm(leaves: readonly Tensor[]): Scalar {
  return run<Scalar>(TreeNorm, leaves, { count: leaves.length, order: 2 });
}

/**
 * Computes a + factor · b for every pair of leaves in one call: an ascent to w + ê, or a step of gradient descent.
 *
 * @throws When the trees do not pair up.
 *
 * @example
 * ```ts
 * import { registerNative, treeAddScaled } from '@steppe/native';
 * import * as tf from '@tensorflow/tfjs-core';
 *
 * await registerNative();
 * await tf.setBackend('native');
 * const [sum] = treeAddScaled([tf.tensor1d([1, 2])], tf.scalar(10), [tf.tensor1d([1, 1])]);
 * console.log(sum?.arraySync()); // => [ 11, 12 ]
 * ```
 */
export function treeAddScaled(a: readonly Tensor[], factor: Scalar, b: readonly Tensor[]): Tensor[] {
  paired('a and b', a, b);
  return run<Tensor[]>(TreeAddScaled, [...a, ...b, factor], { count: a.length });
}

/**
 * Takes a step of momentum on a whole tree in one call: g = gradient + decay · w, trace ← momentum · trace + g,
 * w ← w - rate · trace, or with `nesterov` w ← w - rate · (momentum · trace + g).
 *
 * @returns The new weights and the new traces; nothing passed in is changed.
 * @throws When the trees do not pair up.
 *
 * @example
 * ```ts
 * import { registerNative, treeMomentum } from '@steppe/native';
 * import * as tf from '@tensorflow/tfjs-core';
 *
 * await registerNative();
 * await tf.setBackend('native');
 * const leaf = (value: number) => [tf.tensor1d([value])];
 * const next = treeMomentum(leaf(1), leaf(2), leaf(10), { rate: tf.scalar(0.5), momentum: tf.scalar(0.5), decay: tf.scalar(0) });
 * console.log(next.weights[0]?.arraySync(), next.traces[0]?.arraySync()); // => [ -2.5 ] [ 7 ]
 * ```
 */
export function treeMomentum(
  weights: readonly Tensor[],
  gradients: readonly Tensor[],
  traces: readonly Tensor[],
  { rate, momentum, decay, nesterov = false }: MomentumNumbers,
): { readonly weights: Tensor[]; readonly traces: Tensor[] } {
  paired('weights and gradients', weights, gradients);
  paired('weights and traces', weights, traces);
  const inputs = [...weights, ...gradients, ...traces, rate, momentum, decay];
  const outputs = run<Tensor[]>(TreeMomentum, inputs, { count: weights.length, nesterov });
  return { weights: outputs.slice(0, weights.length), traces: outputs.slice(weights.length) };
}
