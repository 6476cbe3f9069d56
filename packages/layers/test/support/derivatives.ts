import { leaves, map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { noise } from './architectures.ts';

/** A direction with the shapes of a tree. */
export function directionOf<T extends Tree>(tree: T, first: number): T {
  let seed = first;
  return map(tree, ({ shape }) => noise(seed++, ...shape));
}

/** All numbers of a tree. */
const listOf = (tree: Tree): number[] => leaves(tree).flatMap(({ leaf }) => [...leaf.dataSync()]);

/** ‖a - b‖ / ‖b‖. */
export function distance(a: Tree, b: Tree): number {
  const [x, y] = [tf.tensor1d(listOf(a)), tf.tensor1d(listOf(b))];
  return tf.div(tf.norm(tf.sub(x, y)), tf.norm(y)).dataSync()[0] as number;
}
