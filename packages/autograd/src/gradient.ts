import { shown } from '@steppe/check';
import { clone, dispose, leaves, map, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { type Scalar, Tensor } from '@tensorflow/tfjs-core';
import { reverse } from './tape.ts';

/** A loss at some parameters, its gradient there, and what the loss returned beside its value. */
export type ValueAndGrad<P extends Tree, Aux extends Tree> = {
  /** L(w), a scalar. */
  readonly value: Scalar;
  /** ∂L/∂w, with the structure and shapes of the parameters. */
  readonly grads: P;
  /** What the loss returned beside its value, such as new batch statistics; `null` when it returned nothing. */
  readonly aux: Aux;
};

function scalarLoss(value: unknown): Scalar {
  if (value instanceof Promise) {
    // What it computes is already freed, so it may reject later, which would end a Node process.
    value.catch(() => null);
    throw new Error('The loss returned a promise: make it a synchronous function, without async and await.');
  }
  if (!(value instanceof Tensor))
    throw new Error(
      `The loss must return a scalar tensor, or [scalar, aux], got ${value === null ? 'null' : typeof value}.`,
    );
  if (value.size !== 1 || value.dtype !== 'float32')
    throw new Error(
      `The loss must be a float32 scalar, got ${value.dtype} of shape [${value.shape}]: take tf.mean or tf.sum of it.`,
    );
  return tf.reshape(value, []);
}

/** Refuses a loss that would train nothing without a word. */
function refuseUnused(paths: readonly string[]): void {
  const [first] = paths;
  throw new Error(
    `The loss uses none of the parameters that it is given (such as "${first || '.'}"), so no step would change them: compute it from its first argument. A tf.LayersModel computes from variables of its own, which it does not see: write the network as a function of its parameters, as the models of @steppe/models are.`,
  );
}

const holdsNumber = (tree: Tree): boolean =>
  typeof tree === 'number' || Object.values(Object(tree)).some((below) => holdsNumber(below as Tree));

/** Refuses parameters that no step could train. */
function checkParameters(params: Tree): void {
  const found = leaves(params);
  if (found.length === 0 && holdsNumber(params))
    throw new Error(`The parameters must hold a tensor, got ${shown(params)}: write numbers as tf.tensor(...).`);
  for (const { path, leaf } of found) {
    if (leaf.dtype !== 'float32') throw new Error(`Parameters are float32, got ${leaf.dtype} at "${path || '.'}".`);
    if (leaf.isDisposed) throw new Error(`The parameter at "${path || '.'}" was disposed of before this gradient.`);
  }
}

/** What a loss gives: its value, a tensor of one number, alone or with what else it returns. */
export type Loss<P extends Tree, Batch extends Tree> = (params: P, batch: Batch) => Tensor | readonly [Tensor, Tree];

/** The gradient function of a loss, without the second derivatives that `valueAndGrad` gives it. */
export function gradientOf<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  /** Gets the paths of the leaves that the loss does not depend on; by default it refuses that these are all. */
  unused: (paths: readonly string[], all: boolean) => void = (paths, all) => all && refuseUnused(paths),
): (params: P, batch: Batch) => ValueAndGrad<P, Tree> {
  return (params, batch) => {
    checkParameters(params);
    return pure(() => {
      // Tensors of its own, so that a batch which holds the parameters' tensors is a constant all the same.
      const w = clone(params);
      // The engine frees what the loss made when its forward scope ends; clones that it keeps carry the aux across.
      let kept: Tree = null;
      try {
        const { value, grads } = reverse(
          () => {
            const result = loss(w, batch);
            if (!Array.isArray(result)) return scalarLoss(result);
            const [value, aux] = [scalarLoss(result[0]), clone(result[1] as Tree)];
            kept = map(aux, (leaf) => tf.keep(leaf));
            return value;
          },
          leaves(w).map(({ leaf }) => leaf),
        );
        const paths = leaves(params).flatMap(({ path }, i) => (grads[i] === undefined ? [path] : []));
        if (paths.length > 0) unused(paths, paths.length === grads.length);
        let next = 0;
        const gradient = map(params, (leaf) => grads[next++] ?? tf.zerosLike(leaf));
        return { value, grads: gradient, aux: clone(kept) };
      } finally {
        dispose(kept);
      }
    });
  };
}
