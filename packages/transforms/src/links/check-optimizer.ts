import type { Tree } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { checkLink } from './check-link.ts';
import { textOf } from './text-of.ts';

/**
 * Refuses what is no whole optimizer: no transformation, or one whose updates climb when they are added to the weights.
 *
 * It is for what takes the steps of another one itself, as `trainStep` and `lookahead` do, where no link behind could turn
 * them. One that does not say its sign passes.
 *
 * @param name - What the message calls what is no transformation.
 * @throws When `optimizer` is no transformation, or says that it gives the gradient as it is, `sign: 1`.
 *
 * @example
 * ```ts
 * import { chain, samTransform, scale } from '@steppe/transforms';
 * import { checkOptimizer } from '@steppe/transforms/parts';
 *
 * checkOptimizer('optimizer', chain(samTransform(0.05), scale(-0.1)));
 * try {
 *   checkOptimizer('optimizer', chain(samTransform(0.05), scale(0.1)));
 * } catch (error) {
 *   console.log(String(error).split(': ')[1]); // => The optimizer chain(samTransform(0.05, 2), scale(0.1)) climbs
 * }
 * ```
 */
export function checkOptimizer(
  name: string,
  optimizer: unknown,
): asserts optimizer is GradientTransformation<Tree, never> {
  checkLink(name, optimizer);
  if (optimizer.sign === 1)
    throw new Error(
      `The optimizer ${textOf(optimizer)} climbs: its updates are added to the weights, so an odd number of its links must turn the gradient around, as sgd(0.1) or scale(-0.1) does.`,
    );
}
