import { type GradientTransformation, momentum, sam } from '@steppe/transforms';
import { leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { type ModelLoss, type TrainStep, trainStep } from '../../src/index.ts';

export type Params = { readonly w: tf.Tensor; readonly b: tf.Tensor };
export type State = { readonly seen: tf.Tensor };
export type Batch = { readonly x: tf.Tensor; readonly y: tf.Tensor };

/** Least squares with a state that counts examples; new tensors in every place where the loop could lose one. */
const squares: ModelLoss<Params, State, Batch> = ({ w, b }, { seen }, { x, y }) => {
  const errors = tf.sub(tf.add(tf.dot(x, w), b), y);
  return [
    tf.mean<tf.Scalar>(tf.square(errors)),
    { state: { seen: tf.add(seen, x.shape[0] ?? 0) }, metrics: { worst: tf.max<tf.Scalar>(tf.abs(errors)) } },
  ];
};

export const initial = (): { readonly params: Params; readonly state: State } => ({
  params: { w: tf.zeros([2]), b: tf.scalar(0) },
  state: { seen: tf.scalar(0) },
});

export const regression = <OptimizerState extends Tree>(
  optimizer: GradientTransformation<OptimizerState>,
): TrainStep<Params, State, OptimizerState, Batch> => trainStep(squares, optimizer);

export const withMomentum = (): GradientTransformation<Tree> => sam(momentum(0.1), 0.05);

/** A batch of y = 2x₀ - x₁ + ½ at four points, that differ from batch to batch. */
export function batch(i: number): Batch {
  const points = [0, 1, 2, 3].map((j) => [Math.sin(4 * i + j), Math.cos(3 * i + 2 * j)] as const);
  return {
    x: tf.tensor2d(points.map(([x0, x1]) => [x0, x1])),
    y: tf.tensor1d(points.map(([x0, x1]) => 2 * x0 - x1 + 0.5)),
  };
}

export function* batches(count: number, from = 0): Generator<Batch, void, undefined> {
  for (let i = from; i < from + count; i++) yield batch(i);
}

/** Every number of a tree, for comparisons bit by bit. */
export const numbers = (tree: Tree): readonly (readonly number[])[] =>
  leaves(tree).map(({ leaf }) => [...leaf.dataSync()]);

/** How many tensors a tree holds. */
export const count = (tree: Tree): number => leaves(tree).length;
