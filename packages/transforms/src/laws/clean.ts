import { map, map2, pure, sum, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientFn } from '../contract.ts';
import { inPlaceOf } from '../links/in-place-of.ts';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { type Law, law } from './law.ts';
import { gradient, type LawAux, type LawBatch } from './problem.ts';

/** A gradient function whose value, aux and carried state all say how far from w it was evaluated, ‖· - w‖₁. */
function measuring(w: Tree) {
  const distances: tf.Scalar[] = [];
  const evaluate: GradientFn<Tree, LawBatch, LawAux> = (params, batch) => {
    const away = () => pure(() => sum(map2(params, w, (a, b) => tf.abs(tf.sub(a, b)))));
    const evaluation = gradient(params, batch);
    distances.push(tf.keep(away()));
    return { ...evaluation, value: away(), aux: { ...evaluation.aux, mean: away() }, carried: [away()] };
  };
  return { gradient: inPlaceOf(gradient, evaluate, gradient), distances };
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-4 * Math.max(Math.abs(a), Math.abs(b));
const read = async (x: Tree | undefined): Promise<number> =>
  x instanceof tf.Tensor ? ((await x.data())[0] ?? Number.NaN) : Number.NaN;

/** A link that evaluates twice leaves no trace of the second pass but its gradient. */
export const keepsClean: Law = law(
  'gives value, aux and carried states of one evaluation, of that at w where it evaluates there',
  async ({ link, params, batch }) => {
    // From the second update on: the first has memories of zeros, so that an evaluation elsewhere may be one at w.
    const [first, state] = link.update(gradient, link.init(params), params, batch);
    const w = applyUpdates(
      params,
      map(first.grads, (g) => tf.clone(g)),
    );
    const { gradient: measured, distances } = measuring(w);
    const [{ value, aux, carried }] = link.update(measured, state, w, batch);
    const all = await Promise.all(distances.map(read));
    for (const distance of distances) distance.dispose();
    const [ofValue, ofAux, ofCarried] = await Promise.all([read(value), read(aux.mean), read(carried?.[0])]);
    const told = `its value is that of an evaluation at a distance of ${ofValue} from w, aux of ${ofAux}, carried of ${ofCarried}`;
    const remedy = 'return { ...clean, grads }';
    if (all.includes(0) && (ofValue !== 0 || ofAux !== 0 || ofCarried !== 0))
      throw new Error(`it evaluates at w, and ${told}: ${remedy}`);
    // Slices that are evaluated each at a place of its own have a mean value, and carry the states of the last.
    if (!near(ofValue, ofAux) || !all.some((distance) => near(distance, ofCarried)))
      throw new Error(`${told}: ${remedy}`);
  },
);
