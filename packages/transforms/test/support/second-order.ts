import { readFileSync } from 'node:fs';
import { dispose, pure, scaled, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { applyUpdates, type GradientFn, type GradientTransformation, type Report } from '../../src/index.ts';

type Smooth = GradientFn<tf.Tensor, null, null> & {
  readonly hvp: (w: tf.Tensor, batch: null, v: tf.Tensor) => tf.Tensor;
};

/** The gradient function of a loss over a vector from its closed forms; `times` gives H(w)·v. */
function smooth(
  gradient: (w: tf.Tensor) => { readonly value: tf.Tensor; readonly grads: tf.Tensor },
  times: (w: tf.Tensor, v: tf.Tensor) => tf.Tensor,
): Smooth {
  return Object.assign(
    (w: tf.Tensor) =>
      pure(() => {
        const { value, grads } = gradient(w);
        return { value: value as tf.Scalar, grads, aux: null };
      }),
    { hvp: (w: tf.Tensor, _: null, v: tf.Tensor) => pure(() => times(w, v)) },
  );
}

/** A·x for a matrix in plain numbers. */
const product = (a: readonly (readonly number[])[], x: tf.Tensor): tf.Tensor =>
  tf.sum(tf.mul(tf.tensor2d(a.map((row) => [...row])), x), 1);

/** ½ wᵀA w + ¼ Σ bᵢwᵢ⁴; without b a quadratic. */
export const bowl = (a: readonly (readonly number[])[], b: readonly number[] = a.map(() => 0)): Smooth =>
  smooth(
    (w) => {
      const [linear, cubes] = [product(a, w), tf.mul(tf.tensor1d([...b]), tf.pow(w, 3))];
      const value = tf.add(tf.mul(tf.sum(tf.mul(w, linear)), 0.5), tf.mul(tf.sum(tf.mul(w, cubes)), 0.25));
      return { value, grads: tf.add(linear, cubes) };
    },
    (w, v) => tf.add(product(a, v), tf.mul(tf.mul(tf.mul(tf.square(w), v), tf.tensor1d([...b])), 3)),
  );

/** The loss ⟨c, w⟩ with a Hessian that is said to be another: what a link makes of one gradient and one Hessian. */
export const slope = (c: readonly number[], hessian: readonly (readonly number[])[]): Smooth =>
  smooth(
    (w) => ({ value: tf.sum(tf.mul(w, tf.tensor1d([...c]))), grads: tf.tensor1d([...c]) }),
    (_, v) => product(hessian, v),
  );

/** Two curvatures of 3 and 1, and their directions (1, 1)/√2 and (1, -1)/√2. */
export const TILTED = [
  [2, 1],
  [1, 2],
] as const;

/** The loss of the reference vectors, and where their descents begin. */
export const vectorsLoss = bowl(
  [
    [2, 0.5, 0],
    [0.5, 3, -1],
    [0, -1, 1.5],
  ],
  [0.3, 0.2, 0.5],
);
const START = [0.7, -0.4, 1.1];

/** A descent of the reference vectors: the options, the rate, the weights after each step, and what the link said. */
export type Descent<Options> = {
  readonly options: Options;
  readonly rate: number;
  readonly path: readonly (readonly number[])[];
  readonly said: { readonly [name: string]: readonly (number | readonly number[])[] };
};

const file = new URL('../fixtures/second-order.json', import.meta.url);
const all = JSON.parse(readFileSync(file, 'utf8'));

/** The reference descents of a link; the type of its options is the caller's knowledge of the fixture. */
export const descents = <Options>(name: string): readonly Descent<Options>[] => all[name];

/** The same descent by a link of ours: the weights after each step, and what `say` finds in report and state. */
export function follow<State extends Tree>(
  link: GradientTransformation<State>,
  { rate, path }: Pick<Descent<unknown>, 'rate' | 'path'>,
  say: (report: Report, state: State) => tf.Tensor = () => tf.scalar(0),
): { readonly path: number[][]; readonly said: number[][] } {
  let w: tf.Tensor = tf.tensor1d(START);
  let state = link.init(w);
  const said: number[][] = [];
  const walked = path.map(() => {
    const [evaluation, next] = link.update(vectorsLoss, state, w, null);
    const moved = applyUpdates(w, scaled(evaluation.grads, -rate));
    said.push(tf.tidy(() => [...say(evaluation.report ?? {}, next).dataSync()]));
    dispose(evaluation, state, w);
    [w, state] = [moved, next];
    return [...w.dataSync()];
  });
  dispose(w, state);
  return { path: walked, said };
}

/** The points at which a link evaluates a gradient function, and the gradient that it gives, from a start. */
export function pointsOf(
  link: GradientTransformation<Tree>,
  gradient: Smooth,
  start: readonly number[],
): { readonly points: number[][]; readonly grads: number[]; readonly report: Report } {
  const points: number[][] = [];
  const watched: GradientFn<tf.Tensor, null, null> = (w, batch) => {
    points.push([...w.dataSync()]);
    return gradient(w, batch);
  };
  const w = tf.tensor1d([...start]);
  const [{ grads, report = {} }] = link.update(Object.assign(watched, { hvp: gradient.hvp }), link.init(w), w, null);
  return { points, grads: [...grads.dataSync()], report };
}
