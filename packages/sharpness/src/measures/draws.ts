import { foldIn, type Key, normal } from '@steppe/random';
import { fillLike, type Tree } from '@steppe/tree';
import { withTree } from './with-tree.ts';

/** Draws standard normal numbers in the shapes of a tree: the same for the same key and number on every backend. */
export function normalLike<P extends Tree>(tree: P, key: Key, number: number): P {
  const own = foldIn(key, number);
  return fillLike(tree, (shape, i) => normal(foldIn(own, i), shape));
}

/** Evaluates weights that are made for each draw, one after another, and frees them. */
export async function overDraws<P extends Tree>(
  draws: number,
  made: (number: number) => P,
  evaluate: (params: P) => Promise<number>,
): Promise<readonly number[]> {
  const values: number[] = [];
  for (let number = 0; number < draws; number++) values.push(await withTree(made(number), evaluate));
  return values;
}
