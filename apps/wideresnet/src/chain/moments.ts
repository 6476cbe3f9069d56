import { spare } from './param.ts';
import { belowOne, count, positive, size, toggle } from './values.ts';

/** The options of moments, with the decays that a method has by default. */
export const moments = <const Epsilon extends number>(epsilon: Epsilon) => ({
  b1: spare(belowOne('the decay of the mean gradient'), 0.9),
  b2: spare(belowOne('the decay of the mean square'), 0.999),
  epsilon: spare(size('what is added to what is divided by'), epsilon),
});

export const lions = {
  b1: spare(belowOne('the share of the mean in the direction'), 0.9),
  b2: spare(belowOne('the decay of the mean gradient'), 0.99),
};

export const squares = {
  decay: spare(belowOne('the decay of the mean square'), 0.9),
  epsilon: spare(size('what is added to what is divided by'), 1e-8),
};

export const decayed = spare(size('how fast the weights decay with the step'), 0);
export const nesterov = spare(toggle('whether it looks one step ahead'), false);
export const orthogonal = {
  decay: spare(belowOne('the decay of the mean gradient'), 0.95),
  nesterov: spare(toggle('whether the mean looks one step ahead'), true),
  steps: spare(count('of Newton and Schulz'), 5),
};
export const shape = { consistentRms: spare(positive('the root mean square that every shape gets')) };
export const corrected = spare(toggle('whether the means are corrected for their start'), true);
