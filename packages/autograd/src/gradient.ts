import { checkFunction, shown } from '@steppe/check';
import { checkParameters, clone, dispose, type Leaf, leaves, map, pure, type Tree } from '@steppe/tree';
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
  typeof tree === 'number' ||
  (typeof tree === 'object' && Object.values(Object(tree)).some((below) => holdsNumber(below as Tree)));

/** Refuses parameters that no step could train. */
function checkGiven(params: Tree): void {
  const found = leaves(params);
  if (found.length === 0 && holdsNumber(params))
    throw new Error(`The parameters must hold a tensor, got ${shown(params)}: write numbers as tf.tensor(...).`);
  checkParameters(params);
  for (const { path, leaf } of found)
    if (leaf.isDisposed) throw new Error(`The parameter at "${path || '.'}" was disposed of before this gradient.`);
}

/** What a loss gives: its value, a tensor of one number, alone or with what else it returns. */
export type Loss<P extends Tree, Batch extends Tree> = (params: P, batch: Batch) => Tensor | readonly [Tensor, Tree];

/** A tree like `like` with gradients at some of its leaves; zeros elsewhere, and where there is none. */
export function atLeaves<P extends Tree>(like: P, places: readonly Leaf[], grads: readonly (Tensor | undefined)[]): P {
  const found = new Map(places.map(({ path }, i) => [path, grads[i]]));
  return map(like, (leaf, path) => found.get(path) ?? tf.zerosLike(leaf));
}

/** Chooses leaves by path and tensor. */
export type Wanted = (path: string, leaf: Tensor) => boolean;

/** Copies float tensors of a tree on the way, so that the derivative of what is made of the copies by them is known. */
export type Watch = <T extends Tree>(tree: T) => T;

/** The gradient function of a loss, without the second derivatives that `valueAndGrad` gives it. */
export const gradientOf = <P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  unused?: (paths: readonly string[], all: boolean) => void,
  unread = false,
): ((params: P, batch: Batch, wanted?: Wanted) => ValueAndGrad<P, Tree>) => {
  const gradient = watchedGradientOf<P, Batch>((params, batch) => loss(params, batch), unused, unread);
  return (...at) => {
    const { cotangent: _, ...evaluation } = gradient(...at);
    return evaluation;
  };
};

/** The gradient function of a loss that watches tensors on the way, with the derivative by them, `null` if it watches
 * none. */
export function watchedGradientOf<P extends Tree, Batch extends Tree>(
  loss: (params: P, batch: Batch, watch: Watch) => ReturnType<Loss<P, Batch>>,
  /** Gets the paths of the leaves that the loss does not depend on; by default it refuses that these are all. */
  unused: (paths: readonly string[], all: boolean) => void = (paths, all) => all && refuseUnused(paths),
  /** Whether the gradients are differentiated only, and their numbers never looked at. */
  unread = false,
): (params: P, batch: Batch, wanted?: Wanted) => ValueAndGrad<P, Tree> & { readonly cotangent: Tree } {
  return (params, batch, wanted = () => true) => {
    checkFunction('wanted', wanted);
    checkGiven(params);
    return pure(() => {
      // Tensors of its own, so that a batch which holds the parameters' tensors is a constant all the same.
      const w = clone(params);
      // What the others are made of is a constant, and the sweep does not go there.
      const chosen = leaves(w).filter(({ path, leaf }) => wanted(path, leaf));
      // The engine frees what the loss made when its forward scope ends; clones that it keeps carry the aux across.
      let kept: Tree = null;
      let watched: Tree = null;
      const copies: Tensor[] = [];
      const watch: Watch = (tree) => {
        // Of a copy, since what is made of the tensor elsewhere is not made of the copy.
        const made = map(tree, (leaf) => (leaf.dtype === 'float32' ? tf.clone(leaf) : leaf));
        watched = map(made, (leaf) => (leaf.dtype === 'float32' ? leaf : null));
        copies.push(...leaves(watched).map(({ leaf }) => leaf));
        return made;
      };
      try {
        const { value, grads } = reverse(
          () => {
            const result = loss(w, batch, watch);
            if (!Array.isArray(result)) return scalarLoss(result);
            const [value, aux] = [scalarLoss(result[0]), clone(result[1] as Tree)];
            kept = map(aux, (leaf) => tf.keep(leaf));
            return value;
          },
          chosen.map(({ leaf }) => leaf),
          { also: copies, unread },
        );
        const paths = chosen.flatMap(({ path }, i) => (grads[i] === undefined ? [path] : []));
        if (paths.length > 0) unused(paths, paths.length === chosen.length);
        const cotangent = atLeaves(watched, leaves(watched), grads.slice(chosen.length));
        return { value, grads: atLeaves(params, chosen, grads), aux: clone(kept), cotangent };
      } finally {
        dispose(kept);
      }
    });
  };
}
