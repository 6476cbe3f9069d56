import { checkState, type GradientTransformation } from '@steppe/transforms';
import { map2, printJson, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { CommandError, exitCode } from '../../commands/exit-codes.ts';
import type { AnyPosition } from '../progress.ts';

/**
 * Checks that a tree has the leaves of another one, of the same types and shapes.
 *
 * @returns The tree, now known to be one like the expected.
 * @throws When a leaf is missing, superfluous or of another type or shape, with its path.
 */
export function checkShapes<T extends Tree>(expected: T, tree: Tree): T {
  return map2(expected, tree, (wanted, leaf, path) => {
    if (tf.util.arraysEqual(wanted.shape, leaf.shape) && leaf.dtype === wanted.dtype) return leaf;
    throw new Error(
      `"${path}" is ${leaf.dtype} [${String(leaf.shape).slice(0, 60)}], not ${wanted.dtype} [${wanted.shape}]`,
    );
  });
}

/**
 * Checks that a position is one of a network, an optimizer and a seed.
 *
 * @param start - Where they begin.
 * @returns The position, now known to be one like the start.
 * @throws When it is of others, with what differs.
 */
export function fitting<OptimizerState extends Tree>(
  position: AnyPosition,
  start: AnyPosition & { readonly optimizer: OptimizerState },
  optimizer: GradientTransformation<OptimizerState, never>,
): typeof start {
  try {
    checkShapes(start.params, position.params);
    checkShapes(start.state, position.state);
    checkState(optimizer, position.params, position.optimizer);
    if (printJson(position.key) !== printJson(start.key)) throw new Error('its random key is that of another seed');
    return { ...position, optimizer: position.optimizer as OptimizerState };
  } catch (cause) {
    throw new CommandError(
      `The checkpoint of step ${position.step} is not one of this run: ${(cause as Error).message}.`.replace(
        /\.\.$/,
        '.',
      ),
      exitCode.data,
      { cause },
    );
  }
}
