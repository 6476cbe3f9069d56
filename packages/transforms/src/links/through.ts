import { clone, dispose, map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Evaluation, GradientFn, GradientTransformation } from '../contract.ts';
import { inPlaceOf } from './in-place-of.ts';

/** What the cotangent of a linear link is: the weights at which it is one, and those of its evaluations, in order. */
type LinkCotangent<P extends Tree> = { readonly weights: P; readonly before: readonly Tree[] };

/** Updates a linear link, and notes the cotangents of the evaluations before it. */
function noted<P extends Tree, Batch extends Tree, Aux extends Tree, State extends Tree>(
  link: GradientTransformation<State>,
  state: State,
  upstream: GradientFn<P, Batch, Aux>,
  params: P,
  batch: Batch,
): readonly [evaluation: Evaluation<P, Aux>, next: State] {
  const { hvp, lostIn, whole } = upstream;
  const notes: Tree[] = [];
  const noting = inPlaceOf(
    upstream,
    (...at) => {
      const { cotangent = null, ...evaluation } = upstream(...at);
      // Kept, since the scope of the link ends before they are read.
      notes.push(map(cotangent, (leaf) => tf.keep(tf.clone(leaf))));
      return evaluation;
    },
    { hvp, functional: undefined, lostIn, whole },
  );
  try {
    const [evaluation, next] = link.update(noting, state, params, batch);
    const cotangent: LinkCotangent<P> = { weights: params, before: clone(notes) };
    return [{ ...evaluation, cotangent }, next];
  } finally {
    dispose(notes);
  }
}

/** The gradient function that the next link sees: `upstream` through `link`, with the link's next state on board. */
export function through<P extends Tree, Batch extends Tree, Aux extends Tree, State extends Tree>(
  link: GradientTransformation<State>,
  state: State,
  upstream: GradientFn<P, Batch, Aux>,
): GradientFn<P, Batch, Aux> {
  const { linear, affine, name = 'a link' } = link;
  const { hvp, functional, lostIn, whole } = upstream;
  const passes = functional && (affine ? undefined : linear);
  const evaluate = (params: P, batch: Batch): Evaluation<P, Aux> => {
    const [evaluation, next] = passes
      ? noted(link, state, upstream, params, batch)
      : link.update(upstream, state, params, batch);
    return { ...evaluation, carried: [next, ...(evaluation.carried ?? [])] };
  };
  return inPlaceOf(upstream, evaluate, {
    hvp: hvp && linear && ((at, batch, v) => linear((w, of, wanted) => hvp(w, of, v, wanted), state, at, batch, v)),
    functional:
      passes &&
      ((at, batch, cotangent) => {
        const { weights, before } = cotangent as LinkCotangent<P>;
        let next = 0;
        return passes((w, of, wanted) => functional(w, of, before[next++] ?? null, wanted), state, at, batch, weights);
      }),
    lostIn: {
      hvp: hvp && !linear ? name : lostIn?.hvp,
      functional: functional && !passes ? name : lostIn?.functional,
    },
    whole,
  });
}
