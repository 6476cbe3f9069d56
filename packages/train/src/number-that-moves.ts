import type { Tree } from '@steppe/tree';
import { Tensor } from '@tensorflow/tfjs-core';

/** The path of the first plain number below the optimizer or the model's state that two positions differ in. */
export function numberThatMoves(before: Tree, after: Tree, path = ''): string | undefined {
  if (typeof before === 'number') return Object.is(before, after) || !isState(path) ? undefined : path;
  if (Object(before) !== before || Object(after) !== after || before instanceof Tensor) return undefined;
  for (const [name, value] of Object.entries(before as object)) {
    const next = (after as { readonly [name: string]: Tree })[name] as Tree;
    const found = numberThatMoves(value, next, Array.isArray(before) ? `${path}[${name}]` : `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The number of the step and the run's key are no part of what is recorded. */
const isState = (path: string): boolean => /^\.(optimizer|state)\b/.test(path);
