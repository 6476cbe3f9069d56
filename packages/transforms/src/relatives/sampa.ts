import { aNumber, type Check, checkOptions, refusal, weight } from '@steppe/check';
import { addScaled, normalized, scaled, type Tree, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Evaluation, GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { traitsOf } from '../links/check-link.ts';
import { checkOptimizer } from '../links/check-optimizer.ts';
import { costOf } from '../links/cost.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { isStepBatch, isTogether } from '../links/examples.ts';
import { inPlaceOf } from '../links/in-place-of.ts';
import { apart } from '../links/together.ts';
import { transformation } from '../links/transformation.ts';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { checkRho } from '../sam/sam-transform.ts';

/** The state of SAMPa: the gradient at the last y, and that of the optimizer. */
export type SampaState<State extends Tree> = Count & { readonly ahead: Tree; readonly optimizer: State };

/** Takes two evaluations, in any order or at the same time, and gives both. */
export type Both = <A, B>(first: () => A, second: () => B) => readonly [A, B];

const inTurn: Both = (first, second) => [first(), second()];

const aFunction: Check = (name, value) => {
  if (typeof value !== 'function') throw refusal(name, 'a function that takes two evaluations', value);
};

/** Says how SAMPa mixes its gradients, and how it takes them. */
export type SampaOptions = {
  /** The share λ of the gradient at y⁺, in [0, 1]. @defaultValue 0.2 */
  readonly lambda?: number;
  /** Takes the two gradients: `onTwoRanks(world)` of `@steppe/distributed` takes one on each of two ranks.
   * @defaultValue One after the other */
  readonly both?: Both;
};

/** The batches of x̃ and of y: two that are put together, or the one that there is. */
function pairOf<Batch extends Tree>(batch: Batch): readonly [Batch, Batch] {
  if (!isTogether(isStepBatch(batch) ? batch.batch : batch)) return [batch, batch];
  const [last, next, ...others] = apart(batch);
  if (last === undefined || next === undefined || others.length > 0)
    throw new Error(
      'sampa takes one batch, or two that are put together, the last and the next: together([last, next]).',
    );
  return [last, next];
}

/**
 * Makes SAMPa, SAM with two gradients that do not wait for each other: x̃ = x + ρ·∇f(y)/‖∇f(y)‖, y⁺ = x - η·∇f(y),
 * x⁺ = x - η·[(1 - λ)·∇f(x̃) + λ·∇f(y⁺)].
 *
 * ∇f(y) is state, so x̃ and y⁺ are known before either gradient is taken, and two workers take half the time, by
 * `both: onTwoRanks(world)`; in one process it costs two. The optimizer makes both steps, that to y⁺ from ∇f(y) and its own state, so that momentum and
 * decay are in it as in the authors' code. It is a whole optimizer: nothing scales it afterwards. y starts at x with a
 * gradient of zero, as in that code: the first step is not perturbed. Value, aux and report are those at y⁺;
 * `perturbedLoss` is that at x̃.
 *
 * On minibatches the authors take ∇f(x̃) on the batch of the last ∇f(y) and ∇f(y⁺) on the next one, which is
 * `together([last, next])` with each batch seen twice. A single batch serves both gradients; then ε̂ is of the batch
 * before. On the same data at every step these are one.
 *
 * @param optimizer - Ends with its learning rate.
 * @param rho - ρ ≥ 0, or a schedule of it.
 * @param options - `lambda` λ in [0, 1], the share of the gradient at y⁺ (0.2 by default), and `both`.
 * @throws When the optimizer is none or climbs, rho is negative or not finite, lambda is outside of [0, 1],
 * or both is no function.
 * @see Xie, Pethick & Cevher, SAMPa: Sharpness-aware Minimization Parallelized, NeurIPS 2024; LIONS-EPFL/SAMPa,
 * whose default is λ = 0.2, too.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { sampa, sgd } from '@steppe/transforms';
 *
 * const optimizer = sampa(sgd(0.25), 0.5, { lambda: 0 });
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * const w = tf.scalar(1);
 * const [first, state] = optimizer.update(gradient, optimizer.init(w), w, null); // x̃ = 1
 * const [second] = optimizer.update(gradient, state, w, null); // x̃ = 1.5
 * console.log(first.grads.arraySync(), second.grads.arraySync()); // => -0.5 -0.75
 * ```
 */
export function sampa<State extends Tree, Seen extends Tree = Tree>(
  optimizer: GradientTransformation<State, Seen>,
  rho: number | Schedule,
  options: SampaOptions = {},
): GradientTransformation<SampaState<State>, Seen> {
  checkOptimizer('optimizer', optimizer);
  checkRho(rho);
  checkOptions('sampa', options, { lambda: aNumber(weight), both: aFunction });
  const { lambda = 0.2, both = inTurn } = options;
  return transformation({
    ...call('sampa', optimizer, rho, { lambda }),
    ...traitsOf(optimizer),
    uphill: true,
    ...costOf([optimizer], ([own = 1]) => 2 * own),
    init: (params) => ({ ...zeroCount(), ahead: zerosLike(params), optimizer: optimizer.init(params) }),
    update(gradient, state, params, batch) {
      const ahead = state.ahead as typeof params;
      const last = (): Evaluation<typeof params, Tree> => ({ value: tf.scalar(0), grads: ahead, aux: null });
      const ascent = normalized(ahead, valueAt(rho, state)).tree;
      const lostIn = { hvp: 'sampa', functional: 'sampa' };
      const known = { hvp: undefined, functional: undefined, lostIn, whole: gradient.whole };
      const descent = optimizer.update(inPlaceOf(last, last, known), state.optimizer, params, batch)[0].grads;
      // Neither of the two evaluations needs the other.
      const mixed = (at: typeof params, examples: typeof batch) => {
        const [former, newer] = pairOf(examples);
        const [perturbed, evaluation] = both(
          () => gradient(applyUpdates(at, ascent), former),
          () => gradient(applyUpdates(at, descent), newer),
        );
        return {
          ...evaluation,
          grads: addScaled(scaled(perturbed.grads, 1 - lambda), lambda, evaluation.grads),
          report: { ...evaluation.report, perturbedLoss: perturbed.value },
          carried: [evaluation.grads, ...(evaluation.carried ?? [])],
        };
      };
      const [evaluation, next] = optimizer.update(inPlaceOf(gradient, mixed, known), state.optimizer, params, batch);
      const [reached, ...carried] = evaluation.carried ?? [];
      return [
        { ...evaluation, carried },
        { ...increment(state), ahead: reached as Tree, optimizer: next },
      ];
    },
  });
}
