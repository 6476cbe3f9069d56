import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** A tensor whose axes have names. */
type Named = { readonly x: Tensor; readonly labels: readonly string[] };

const sizesOf = ({ x, labels }: Named, of: readonly string[]): number[] =>
  of.map((label) => x.shape[labels.indexOf(label)] ?? 1);
const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** Turns the axes into an order. */
function ordered({ x, labels }: Named, order: readonly string[]): Tensor {
  const perm = order.map((label) => labels.indexOf(label));
  return perm.every((axis, i) => axis === i) ? x : tf.transpose(x, perm);
}

/** Sums over the axes that nothing needs. */
function reduced({ x, labels }: Named, needed: readonly string[]): Named {
  const kept = labels.filter((label) => needed.includes(label));
  if (kept.length === labels.length) return { x, labels };
  return {
    x: tf.sum(
      x,
      labels.flatMap((label, axis) => (kept.includes(label) ? [] : [axis])),
    ),
    labels: kept,
  };
}

/** The Einstein sum of two tensors, as one product of matrices: tfjs's own is wrong where an axis is in one alone. */
function contract(first: Named, second: Named, result: readonly string[]): Tensor {
  const a = reduced(first, [...second.labels, ...result]);
  const b = reduced(second, [...first.labels, ...result]);
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const [batch, summed] = [shared.filter((l) => result.includes(l)), shared.filter((l) => !result.includes(l))];
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const [n, k] = [product(sizesOf(a, batch)), product(sizesOf(a, summed))];
  const left = tf.reshape(ordered(a, [...batch, ...rows, ...summed]), [n, product(sizesOf(a, rows)), k]);
  const right = tf.reshape(ordered(b, [...batch, ...summed, ...columns]), [n, k, product(sizesOf(b, columns))]);
  const shape = [...sizesOf(a, [...batch, ...rows]), ...sizesOf(b, columns)];
  return ordered({ x: tf.reshape(tf.matMul(left, right), shape), labels: [...batch, ...rows, ...columns] }, result);
}

/**
 * The gradient of an Einstein sum for one of its inputs: the sum of dy and the other input over what they have and it
 * has not, repeated along what only it has.
 */
function inputGradient(dy: Tensor, inputs: readonly Tensor[], equation: string, at: number): Tensor {
  const [terms = '', result = ''] = equation.replace(/\s/g, '').split('->');
  const labels = terms.split(',').map((term) => [...term]);
  const [x, own] = [inputs[at] as Tensor, labels[at] ?? []];
  const slope: Named = { x: dy, labels: [...result] };
  const other = inputs.length === 2 ? { x: inputs[1 - at] as Tensor, labels: labels[1 - at] ?? [] } : null;
  const known = [...slope.labels, ...(other?.labels ?? [])];
  const shared = own.filter((label) => known.includes(label));
  const part = other ? contract(slope, other, shared) : ordered(slope, shared);
  const kept = own.map((label, axis) => (shared.includes(label) ? (x.shape[axis] ?? 1) : 1));
  return tf.broadcastTo(tf.reshape(part, kept), x.shape);
}

export const einsumRule: GradConfig = {
  kernelName: tf.Einsum,
  saveAllInputs: true,
  gradFunc: (dy, saved, { equation }) =>
    Object.fromEntries(
      saved.map((_, i) => [i, () => inputGradient(dy as Tensor, saved, equation as string, i)] as const),
    ),
};
