import { checkOptions } from '@steppe/check';
import { foldIn, type Key } from '@steppe/random';
import { applyUpdates, type GradientTransformation, textOf } from '@steppe/transforms';
import { checkOptimizer } from '@steppe/transforms/parts';
import { dispose, pure, type Tree } from '@steppe/tree';
import type { Optimizer, Scalar, Variable } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { bareOptimizer } from './bare-optimizer.ts';
import { refuseBatchLinks } from './batch-links.ts';
import { closureGradient, copies, write } from './closure-gradient.ts';
import { aKey } from './fit-options.ts';
import { freshKey, kept, pathsOf } from './slots.ts';

/** What the optimizer carries from step to step. */
type Carried = { readonly step: number; readonly state: Tree; readonly of: string };

/**
 * Makes a `tf.Optimizer` of a transformation, for `model.compile({ optimizer })`, `model.fit`, `trainOnBatch` and
 * `optimizer.minimize`.
 *
 * TensorFlow.js hands an optimizer its loss as a function without arguments, which this evaluates at each point that the
 * transformation asks for: with the variables set to it, then put back, with the same dropout masks at each point of a
 * step, and with batch statistics moved once. What such a function does not tell it cannot do: the batch, as
 * `microBatch` and `esam` need it, and second derivatives and functional gradients. `fit` can do both, and refuses
 * stateful recurrent layers, whose states this would move at each evaluation.
 *
 * It holds the transformation's state, as the optimizers of `tf.train` hold theirs: `dispose()` frees it.
 *
 * @param optimizer - Ends with its learning rate, such as `sam(momentum(0.05), 0.05)`.
 * @param options - `key` draws dropout and noise. @defaultValue one that is new
 * @throws When `optimizer` is no transformation, climbs, or looks into the batch, with the link's name; at a step, when
 * it asks for second derivatives or functional gradients, or the variables are others than before.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { toOptimizer } from '@steppe/layers';
 * import { momentum, sam } from '@steppe/transforms';
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, kernelInitializer: 'zeros', inputShape: [1] })] });
 * model.compile({ optimizer: toOptimizer(sam(momentum(0.05), 0.05)), loss: 'meanSquaredError' });
 * const { history } = await model.fit(tf.ones([4, 1]), tf.ones([4, 1]), { epochs: 100, verbose: 0 });
 * console.log(Number(history.loss?.at(-1)) < 0.01); // => true
 * ```
 */
export function toOptimizer<State extends Tree>(
  optimizer: GradientTransformation<State>,
  options: { readonly key?: Key } = {},
): Optimizer {
  checkOptimizer('optimizer', optimizer);
  checkOptions('toOptimizer', options, { key: aKey });
  refuseBatchLinks(optimizer);
  const key = options.key ?? freshKey();
  let carried: Carried | undefined;
  return bareOptimizer({
    minimize(loss: () => Scalar, returnCost = false, list?: Variable[]): Scalar | null {
      // Also of a list: a model goes on giving those that were trainable when it was compiled.
      const all = list ?? Object.values(tf.engine().registeredVariables);
      const variables = all.filter(({ trainable }) => trainable);
      const cost = pure(() => {
        const before = copies(variables);
        const of = pathsOf(before);
        if (carried !== undefined && carried.of !== of)
          throw new Error('The variables are others than at the first step: make an optimizer for each model.');
        const step = carried?.step ?? 0;
        const gradient = closureGradient(loss, variables, foldIn(key, step), textOf(optimizer));
        const start = (carried?.state ?? optimizer.init(before)) as State;
        const [{ value, grads, aux }, state] = optimizer.update(gradient, start, before, null);
        write(Object.values(tf.engine().registeredVariables), { ...aux, ...applyUpdates(before, grads) });
        const next = { step: step + 1, state: kept(state as Tree), of };
        dispose(carried?.state);
        carried = next;
        return value;
      });
      if (returnCost) return cost;
      cost.dispose();
      return null;
    },
    dispose() {
      dispose(carried?.state);
      carried = undefined;
    },
  });
}
