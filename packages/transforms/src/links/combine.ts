import { dispose, map, map2, pure, type Tree } from '@steppe/tree';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LeafRule, RuleOf } from './aux-rules.ts';
import type { SliceOptions } from './slice-options.ts';

/** A slice of a batch, made when it is evaluated, and how many examples it has. */
export type Slice<Batch extends Tree> = { readonly batch: () => Batch; readonly examples: number };

/** A slice's share of the whole, and whether it has none at all: then its values, NaN also, do not count. */
export type Share = { readonly share: Scalar | number; readonly none?: Scalar };

/** The shares of the weights, or of the examples where all weights are 0. */
function sharesOf<Batch extends Tree>(
  name: string,
  slices: readonly Slice<Batch>[],
  weight: SliceOptions<Batch>['weight'],
): readonly Share[] {
  const examples = slices.reduce((sum, slice) => sum + slice.examples, 0);
  const byExamples = slices.map((slice) => slice.examples / examples);
  if (weight === undefined) return byExamples.map((share) => ({ share }));
  return pure(() => {
    const weights = slices.map(({ batch }) => {
      const given: Tensor = weight(batch());
      if (!(given instanceof tf.Tensor) || given.rank !== 0)
        throw new Error(
          `weight of ${name} must give a scalar, got ${given instanceof tf.Tensor ? `[${given.shape}]` : typeof given}.`,
        );
      return tf.cast(given, 'float32');
    });
    // Scaled by the largest where the sum would overflow: its shares would all be 0.
    const largest = weights.reduce((a, b) => tf.maximum(a, b));
    const unit = tf.where(tf.less(tf.addN(weights), Number.POSITIVE_INFINITY), 1, largest);
    const scaled = weights.map((own) => tf.div(own, unit));
    const total = tf.addN(scaled);
    const nothing = tf.equal(total, 0);
    return scaled.map((own, i) => ({
      share: tf.where(nothing, byExamples[i] as number, tf.div(own, tf.where(nothing, 1, total))) as Scalar,
      none: tf.logicalAnd(tf.equal(weights[i] as Tensor, 0), tf.logicalNot(nothing)) as Scalar,
    }));
  });
}

/** The smallest int32, which stands for no integer, as NaN does among floats: that of slices whose integers differ. */
export const NO_INTEGER: number = -(2 ** 31);

const shape = (leaf: Tensor): string => `[${leaf.shape}]`;

/** Refuses what cannot be averaged or summed with what other slices give. */
export function checkTerm(name: string, rule: LeafRule, path: string, examples: number, term: Tensor): void {
  if (rule === 'undeclared' && term.rank > 0 && term.shape[0] === examples)
    throw new Error(
      `${name} does not average ${shape(term)} at "${path}", which may be a list of examples: declare 'concat' or 'mean' by the option aux of ${name}.`,
    );
  if (term.dtype !== 'float32' && term.dtype !== 'int32')
    throw new Error(`${name} averages and sums numbers, got ${term.dtype} at "${path}": cast it to float32 or int32.`);
}

/** Adds what a slice gives to the sum so far. */
function join(name: string, rule: LeafRule, path: string, examples: number, sum: Tensor, term: Tensor): Tensor {
  const declare = `by the option aux of ${name}`;
  if (rule === 'concat') {
    if (term.rank > 0) return tf.concat([sum, term]);
    throw new Error(`${name} cannot concatenate scalars at "${path}": declare their sum or mean ${declare}.`);
  }
  if (sum.shape.join() !== term.shape.join())
    throw new Error(
      `${name} averages what slices give, got ${shape(sum)} and ${shape(term)} at "${path}": return means over the examples. A list of them is declared ${declare}, 'concat'.`,
    );
  checkTerm(name, rule, path, examples, term);
  if (rule === 'sum' || term.dtype === 'float32') return tf.add(sum, term);
  return tf.where(tf.equal(sum, term), sum, tf.scalar(NO_INTEGER, 'int32'));
}

/** What a slice contributes: nothing where it has no share, whatever its values are. */
function contribution(rule: LeafRule, { share, none }: Share, leaf: Tensor): Tensor {
  if (rule === 'concat' || (rule !== 'sum' && leaf.dtype !== 'float32')) return leaf;
  const own = rule === 'sum' ? leaf : tf.mul(leaf, share);
  return none === undefined ? own : tf.where(none, tf.zerosLike(own), own);
}

/**
 * Combines what `f` gives for the slices of a batch, evaluated one after another: means by their shares, unless a rule
 * says otherwise. Integers have no mean: those that agree, as counts do, stay, and others give the smallest int32.
 */
export function combine<Batch extends Tree, T extends Tree>(
  name: string,
  slices: readonly Slice<Batch>[],
  weight: SliceOptions<Batch>['weight'],
  f: (slice: Batch) => T,
  rulesOf: (result: T) => RuleOf,
): T {
  const [only] = slices;
  if (slices.length === 1 && only) return f(only.batch());
  const shares = sharesOf(name, slices, weight);
  let rules: RuleOf | undefined;
  const evaluate = (index: number): T =>
    pure(() => {
      const result = f((slices[index] as Slice<Batch>).batch());
      rules ??= rulesOf(result);
      const of = rules;
      return map(result, (leaf, path) => contribution(of(path), shares[index] as Share, leaf));
    });
  try {
    let sum = evaluate(0);
    for (const [index, { examples }] of slices.entries()) {
      if (index === 0) continue;
      const before = sum;
      sum = pure(() =>
        map2(before, evaluate(index), (a, b, path) => join(name, rules?.(path) ?? 'mean', path, examples, a, b)),
      );
      dispose(before);
    }
    return sum;
  } finally {
    dispose(shares.map(({ share, none }) => [typeof share === 'number' ? null : share, none]));
  }
}
