import { leaves, type Tree } from '@steppe/tree';

/** Refuses parameters in which nothing could be measured. */
export function checkWeights(what: string, params: Tree): void {
  if (leaves(params).length === 0) throw new Error(`${what} needs parameters that hold a tensor, got none.`);
}
