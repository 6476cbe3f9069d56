import { aNumber, type Check, checkOptions, count, oneOf, refusal } from '@steppe/check';
import { foldIn, type Key, key as keyOf, split } from '@steppe/random';
import { dot, leaves, map, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { checkOperator, type SymmetricOperator } from '../operators/operator.ts';
import { aKey } from '../spectrum/estimate.ts';
import { signs } from '../spectrum/probes.ts';
import { type Mean, meanOf } from './mean.ts';
import { withTree } from './with-tree.ts';

/** The layer, and how its flatness is computed. */
export type RelativeFlatnessOptions = {
  /** The path of the layer's kernel, `[..., inputs, outputs]`, such as `.dense.kernel`. */
  readonly layer: string;
  /** The standard deviation of each input of the layer over the examples: with them the measure is also the same where
   * single neurons before the layer are rescaled. @defaultValue 1 */
  readonly deviations?: readonly number[];
  /** Random products, or `'all'` for the exact value by as many products as the kernel has numbers.
   * @defaultValue 30 */
  readonly samples?: number | 'all';
  /** What random signs are drawn by. @defaultValue key(0) */
  readonly key?: Key;
};

const aLayer: Check = (name, value) => {
  if (typeof value !== 'string') throw refusal(name, 'the path of a kernel', value);
};

const positives: Check = (name, value) => {
  if (!Array.isArray(value) || !value.every((x) => typeof x === 'number' && x > 0 && x < Number.POSITIVE_INFINITY))
    throw refusal(name, 'a list of numbers above 0', value);
};

const someOrAll: Check = (name, value) => {
  if (typeof value === 'number') aNumber(count)(name, value);
  else oneOf('all')(name, value);
};

/**
 * Measures the relative flatness of a layer: κ = Σ_{s,s′} ⟨w_s, w_{s′}⟩·tr H_{s,s′} over its rows w_s, the weights of
 * one output each, and the blocks of the Hessian by them.
 *
 * It is the same for all rescalings of a network by layers, which flatness alone is not; small is flat. For the layer
 * before the logits the authors relate it to generalization. Each random product v = (z ⊘ d)·(Wᵀ(d ∘ u))ᵀ with random
 * signs z and u gives vᵀHv, whose mean is κ.
 *
 * @param operator - `hessian(loss, params, batches, { wanted })`, where `wanted` may be the layer alone, which costs
 * less.
 * @returns κ, its standard error (0 where it is exact, `null` for one sample), and the products that it cost.
 * @throws When an option is unknown or out of range, the path is that of no kernel, or the operator does not act on it.
 * @see Petzka et al., Relative Flatness and Generalization, NeurIPS 2021, definition 3.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { operatorOf, relativeFlatness } from '@steppe/sharpness';
 *
 * const kernel = tf.tensor2d([[1], [2]]); // one output, with the weights (1, 2)
 * const operator = operatorOf({ kernel }, ({ kernel: v }) => ({ kernel: tf.mul(v, 3) as tf.Tensor2D })); // H = 3·I
 * const { value } = await relativeFlatness(operator, { layer: '.kernel', samples: 'all' });
 * console.log(value); // => 30
 * ```
 */
export async function relativeFlatness<P extends Tree>(
  operator: SymmetricOperator<P>,
  options: RelativeFlatnessOptions,
): Promise<Mean & { readonly products: number }> {
  checkOperator(operator);
  checkOptions('relativeFlatness', options, {
    layer: aLayer,
    deviations: positives,
    samples: someOrAll,
    key: aKey,
  });
  const { layer, deviations, samples = 30, key = keyOf(0) } = options;
  aLayer('layer', layer);
  const kernel = kernelOf(operator, layer);
  const outputs = kernel.shape.at(-1) as number;
  const inputs = kernel.size / outputs;
  if (deviations && deviations.length !== inputs)
    throw new Error(`deviations has ${deviations.length} numbers, the kernel "${layer}" has ${inputs} inputs.`);
  const d = deviations ?? Array.from({ length: inputs }, () => 1);
  const weights = pure(() => tf.mul(tf.reshape(kernel, [inputs, outputs]), tf.tensor2d([...d], [inputs, 1])));
  /** ⟨a, H·v⟩ for matrices of the kernel's size. */
  const product = async (make: () => { readonly v: tf.Tensor; readonly a?: tf.Tensor }): Promise<number> => {
    const { v, a } = pure(() => {
      const { v, a = v } = make();
      const whole = (m: tf.Tensor): P =>
        map(operator.like, (leaf, path) => (path === layer ? tf.reshape(m, leaf.shape) : tf.zerosLike(leaf)));
      return { v: whole(v), a: whole(a) };
    });
    return withTree({ v, a }, async () => {
      const curved = await operator.multiply(v);
      return withTree(
        pure(() => tf.tidy(() => dot(a, curved))),
        async (x) => withTree(curved, async () => (await x.data())[0] as number),
      );
    });
  };
  const scaled = (z: ArrayLike<number>) =>
    tf.tensor2d(
      Array.from(z, (x, j) => x / (d[j] as number)),
      [inputs, 1],
    );
  return withTree(weights, async () => {
    const values: number[] = [];
    if (samples === 'all') {
      for (let j = 0; j < inputs; j++)
        for (let s = 0; s < outputs; s++)
          values.push(
            await product(() => {
              const one = (n: number, at: number) => Array.from({ length: n }, (_, i) => (i === at ? 1 : 0));
              const input = scaled(one(inputs, j));
              const output = tf.tensor2d(one(outputs, s), [1, outputs]);
              const others = tf.matMul(tf.matMul(output, weights, false, true), weights); // the row s of ⟨w_s, w_s′⟩
              return { v: tf.mul(input, output), a: tf.mul(input, others) };
            }),
          );
      return { value: values.reduce((sum, x) => sum + x, 0), standardError: 0, products: values.length };
    }
    for (let sample = 0; sample < samples; sample++) {
      const [forInputs, forWeights] = split(foldIn(key, sample));
      values.push(
        await product(() => {
          const mixed = tf.matMul(tf.tensor2d(signs(forWeights, inputs), [1, inputs]), weights);
          return { v: tf.mul(scaled(signs(forInputs, inputs)), mixed) };
        }),
      );
    }
    return { ...meanOf(values), products: samples };
  });
}

/** The kernel at a path, refused where it is none that the operator acts on. */
function kernelOf<P extends Tree>({ like, wanted }: SymmetricOperator<P>, layer: string): tf.Tensor {
  const all = leaves(like);
  const found = all.find(({ path }) => path === layer);
  const paths = all.filter(({ leaf }) => leaf.rank >= 2).map(({ path }) => `"${path || '.'}"`);
  if (!found || found.leaf.rank < 2)
    throw new Error(`layer must be the path of a kernel, got "${layer}": there are ${paths.join(', ') || 'none'}.`);
  if (!wanted(found.path, found.leaf))
    throw new Error(`The operator does not act on the layer "${layer}": let wanted choose it.`);
  return found.leaf;
}
