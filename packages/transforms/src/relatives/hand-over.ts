import { checkNumber } from '@steppe/check';
import { type Count, isBelow, nextCount } from '@steppe/kernels';
import type { Tree } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import type { SeenBy } from '../links/chain.ts';
import { checkLink } from '../links/check-link.ts';
import { costAt } from '../links/cost.ts';
import { textOf } from '../links/text-of.ts';
import { transformation } from '../links/transformation.ts';
import { wholeSteps } from '../schedules/tail.ts';

/** The state of a hand-over: the step decides what runs, so it is plain data; it stays at that of the switch. */
export type HandOverState<Before extends Tree, Behind extends Tree> = {
  readonly step: Count;
  readonly before: Before;
  readonly behind: Behind;
};

/**
 * Refuses two of which one turns the gradient into a step downhill and the other does not: at a switch between them the
 * weights would begin to climb.
 */
export function checkSigns(
  before: GradientTransformation<Tree, never>,
  behind: GradientTransformation<Tree, never>,
  where = 'Before and behind the switch',
  remedy = 'on both sides or behind in the chain',
): void {
  const turns = ({ sign }: GradientTransformation<Tree, never>) => sign === -1;
  if (turns(before) === turns(behind) || before.sign === 'unknown' || behind.sign === 'unknown') return;
  const [turning, other] = turns(before) ? [before, behind] : [behind, before];
  throw new Error(
    `${where} the gradient must point the same way: ${textOf(turning)} turns it around and ${textOf(other)} does not. Put what turns it, such as sgd(0.1), ${remedy}.`,
  );
}

/**
 * Runs one link for the first steps and another from then on: `before` at the steps 0 … n - 1, `behind` from step n.
 *
 * Each has a state of its own, made at `init`, that moves only while it runs: `behind` starts cold, and its schedules
 * count from the switch. What shall go on across the switch stands outside: a momentum that both share is
 * `chain(trace(0.9), handOver(n, scale(-0.1), scale(-0.01)))`, and an Adam that starts cold is
 * `handOver(n, momentum(0.1), adam(1e-3))`, as the second moments of Adam are nothing that a momentum knows. A step
 * costs what the link that runs costs; both states are kept in memory.
 *
 * @param step - n, the first step of `behind`, counted from 0 at `init`; 0 is `behind` alone.
 * @throws When n is no whole number of at least 0, or one of the links turns the gradient around and the other does not.
 * @see Temperon, arXiv 2609.17575: SAM in the last part of training together with another optimizer.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { handOver, sgd } from '@steppe/transforms';
 *
 * const optimizer = handOver(1, sgd(1), sgd(0.1));
 * const gradient = () => ({ value: tf.scalar(0), grads: tf.scalar(2), aux: null });
 * const w = tf.scalar(0);
 * const [first, state] = optimizer.update(gradient, optimizer.init(w), w, null);
 * const [second] = optimizer.update(gradient, state, w, null);
 * console.log(first.grads.arraySync(), second.grads.arraySync().toFixed(1)); // => -2 -0.2
 * ```
 */
export function handOver<Before extends Tree, Behind extends Tree, Early extends Tree = Tree, Late extends Tree = Tree>(
  step: number,
  before: GradientTransformation<Before, Early>,
  behind: GradientTransformation<Behind, Late>,
): GradientTransformation<
  HandOverState<Before, Behind>,
  SeenBy<GradientTransformation<Before, Early> | GradientTransformation<Behind, Late>>
>;
export function handOver(
  step: number,
  before: GradientTransformation<Tree>,
  behind: GradientTransformation<Tree>,
): GradientTransformation<HandOverState<Tree, Tree>> {
  checkNumber('step', step, wholeSteps);
  checkLink('before', before);
  checkLink('behind', behind);
  checkSigns(before, behind);
  const [early, late] = [before.linear, behind.linear];
  const signs = [before.sign, behind.sign];
  // Where one says nothing of itself, neither does the whole.
  const sign = before.sign === behind.sign ? before.sign : signs.includes('unknown') ? 'unknown' : undefined;
  return transformation({
    ...call('handOver', step, before, behind),
    sign,
    uphill: before.uphill || behind.uphill,
    gradientCost: behind.gradientCost,
    costAt: (at) => (at < step ? costAt(before, at) : costAt(behind, at - step)),
    init: (params) => ({ step: { counted: 0 }, before: before.init(params), behind: behind.init(params) }),
    update(gradient, state, params, batch) {
      checkNumber('step', Object(state.step).counted, wholeSteps);
      if (isBelow(state.step, step)) {
        const [evaluation, next] = before.update(gradient, state.before, params, batch);
        return [evaluation, { ...state, step: nextCount(state.step), before: next }];
      }
      const [evaluation, next] = behind.update(gradient, state.behind, params, batch);
      return [evaluation, { ...state, behind: next }];
    },
    affine: before.affine || behind.affine,
    ...(early &&
      late && {
        linear: (product, state, params, batch, weights) =>
          isBelow(state.step, step)
            ? early(product, state.before, params, batch, weights)
            : late(product, state.behind, params, batch, weights),
      }),
  });
}
