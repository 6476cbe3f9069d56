import type { Tree } from '@steppe/tree';
import type { GradientTransformation, Report } from '../contract.ts';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { tangentLoss } from '../sam/tangent-loss.ts';
import { checkFunctions } from './check-link.ts';
import type { LinkTraits } from './lift.ts';
import { transformation } from './transformation.ts';

/**
 * Evaluates the gradient at w + ε for an ε of your own making: the pattern of SAM, of which most of its relatives are a
 * choice of ε.
 *
 * Evaluates at w, lets `f` choose ε from that gradient, evaluates at w + ε with the same batch and upstream states, and
 * returns the clean evaluation with the second gradient. The report gains `perturbedLoss` L(w + ε) and `tangentLoss`
 * L(w + ε) - ⟨g′, ε⟩, which `polyak` steps by.
 *
 * @param init - Makes the state from the parameters.
 * @param f - Gets the gradient at w, the state and the parameters; gives ε, the next state and, if it likes, entries
 * for the report.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { map } from '@steppe/tree';
 * import { perturbBy } from '@steppe/transforms';
 *
 * // SAM without normalization: ε = ρ·g.
 * const usam = perturbBy(() => null, (grads, state) => [map(grads, (g) => tf.mul(g, 0.1)), state]);
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * console.log(usam.update(gradient, null, tf.scalar(1), null)[0].grads.dataSync()[0]?.toFixed(2)); // => 2.40
 * ```
 */
export function perturbBy<State extends Tree>(
  init: (params: Tree) => State,
  f: <P extends Tree>(grads: P, state: State, params: P) => readonly [epsilon: P, state: State, report?: Report],
  traits: Pick<LinkTraits<State>, 'name' | 'made' | 'uphill'> = {},
): GradientTransformation<State> {
  checkFunctions({ init, f });
  return transformation({
    uphill: true,
    sign: 1,
    ...traits,
    gradientCost: 2,
    init,
    update(gradient, state, params, batch) {
      const clean = gradient(params, batch);
      const [epsilon, next, report] = f(clean.grads, state, params);
      const perturbed = gradient(applyUpdates(params, epsilon), batch);
      const said = {
        perturbedLoss: perturbed.value,
        tangentLoss: tangentLoss(perturbed, perturbed.grads, epsilon),
      };
      return [{ ...clean, grads: perturbed.grads, report: { ...clean.report, ...said, ...report } }, next];
    },
  });
}
