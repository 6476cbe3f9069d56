// A loop of updates without anything else: what the toy settings of methods.mjs are run by.
import { applyUpdates } from '@steppe/transforms';
import { replace } from '@steppe/tree';

/**
 * Takes steps of an optimizer from some parameters.
 *
 * @param batchOf - The batch of a step, by its number.
 * @param watch - Sees the parameters after each step; nothing of them is its own.
 * @returns The last parameters, which are the caller's, with the state of the optimizer.
 */
export function descend(optimizer, gradient, params, steps, { batchOf = () => null, watch } = {}) {
  let carry = { params, state: optimizer.init(params) };
  for (let step = 0; step < steps; step++) {
    const advance = ({ params: at, state }) => {
      const [{ grads }, next] = optimizer.update(gradient, state, at, batchOf(step));
      return { params: applyUpdates(at, grads), state: next };
    };
    // The first parameters are the caller's.
    carry = step === 0 ? advance(carry) : replace(carry, advance);
    watch?.(carry.params, step);
  }
  return carry;
}

/** The seeds of every setting. */
export const seeds = Array.from({ length: 20 }, (_, seed) => seed);
