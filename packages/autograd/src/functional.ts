import { checkFunction, shown } from '@steppe/check';
import { leaves, pure, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { gradientOf, type ValueAndGrad, type Wanted, type Watch, watchedGradientOf } from './gradient.ts';
import { hvp } from './hvp.ts';

/** What outputs are, where they come as `[outputs, aux]` or alone. */
export type OutputsOf<Given> = Given extends readonly [infer Outputs, unknown] ? Outputs : Given;

/** The aux of both parts: `{ outputs, loss }` where both give one, else that of the one which does, or `null`. */
export type AuxOfParts<Outputs, Result> = Outputs extends readonly [unknown, infer Before extends Tree]
  ? Result extends readonly [unknown, infer Aux extends Tree]
    ? { readonly outputs: Before; readonly loss: Aux }
    : Before
  : Result extends readonly [unknown, infer Aux extends Tree]
    ? Aux
    : null;

/** A loss in two parts, L(w) = ℓ(F(w)): the outputs of a network, and what is made of them. */
export type LossOfOutputs<P extends Tree, Batch extends Tree> = {
  readonly outputs: (params: P, batch: Batch) => Tree;
  readonly loss: (outputs: Tree, batch: Batch) => Tensor | readonly [Tensor, Tree];
};

/** The gradient function of a loss of outputs, which knows the two parts of its derivative, ∇L(w) = J_F(w)ᵀ·∂ℓ/∂F. */
export type FunctionalFn<P extends Tree, Batch extends Tree, Aux extends Tree> = {
  /** `cotangent` is ∂ℓ/∂F, with the structure of the outputs, `null` where they are no float32. */
  (params: P, batch: Batch, wanted?: Wanted): ValueAndGrad<P, Aux> & { readonly cotangent: Tree };
  /** ∇²L(w)·v, exactly: what `samTransform(rho, p, { order: 2 })` asks for. */
  readonly hvp: (params: P, batch: Batch, v: P, wanted?: Wanted) => P;
  /** J_F(w)ᵀ·c for a cotangent c of the same batch: what `functionalSam` asks for. */
  readonly functional: (params: P, batch: Batch, cotangent: Tree, wanted?: Wanted) => P;
};

/** The outputs and their aux, apart: a list is always the pair of both. */
function apart(given: unknown): readonly [outputs: Tree, aux: Tree | undefined] {
  // What it computes is already freed, so it may reject later, which would end a Node process.
  if (given instanceof Promise) given.catch(() => null);
  const list: readonly unknown[] | undefined = Array.isArray(given) ? given : undefined;
  const [outputs, aux] = (list ?? [given]) as readonly Tree[];
  const found = given instanceof Promise || outputs === undefined ? [] : leaves(outputs);
  if ((list && list.length !== 2) || !found.some(({ leaf }) => leaf.dtype === 'float32'))
    throw new Error(
      `outputs must return a tree with a float32 tensor, or [outputs, aux], got ${given instanceof Promise ? 'a promise' : shown(given)}.`,
    );
  return [outputs as Tree, aux];
}

/** Both parts as one loss, with the aux of both. */
const whole =
  <P extends Tree, Batch extends Tree>({ outputs, loss }: LossOfOutputs<P, Batch>) =>
  (params: P, batch: Batch, watch: Watch = (tree) => tree): Tensor | readonly [Tensor, Tree] => {
    const [made, before] = apart(outputs(params, batch));
    const given = loss(watch(made), batch);
    if (before === undefined) return given;
    return Array.isArray(given)
      ? [given[0] as Tensor, { outputs: before, loss: given[1] as Tree }]
      : [given as Tensor, before];
  };

/** Σ⟨c, F⟩ over the float32 outputs. */
function product(outputs: Tree, cotangent: Tree): Tensor {
  const found = new Map(leaves(cotangent).map(({ path, leaf }) => [path, leaf]));
  const terms = leaves(outputs)
    .filter(({ leaf }) => leaf.dtype === 'float32')
    .map(({ path, leaf }) => {
      const c = found.get(path);
      if (c === undefined || !tf.util.arraysEqual(c.shape, leaf.shape))
        throw new Error(
          `The cotangent has ${c ? `shape [${c.shape}]` : 'nothing'} at "${path || '.'}", the outputs have [${leaf.shape}]: take it of an evaluation on the same batch.`,
        );
      return tf.sum(tf.mul(leaf, c));
    });
  return tf.addN(terms);
}

/** The gradient function of a loss in two parts. */
export function functionalOf<P extends Tree, Batch extends Tree>(
  parts: LossOfOutputs<P, Batch>,
): FunctionalFn<P, Batch, Tree> {
  checkFunction('outputs', parts.outputs);
  checkFunction('loss', parts.loss);
  const loss = whole(parts);
  return Object.assign(watchedGradientOf(loss), {
    hvp: hvp((params: P, batch: Batch) => loss(params, batch)),
    functional(params: P, batch: Batch, cotangent: Tree, wanted?: Wanted): P {
      const along = (at: P, examples: Batch) => product(apart(parts.outputs(at, examples))[0], cotangent);
      return pure(() => gradientOf(along, () => undefined)(params, batch, wanted).grads);
    },
  });
}
