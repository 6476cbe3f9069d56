import { type Entry, link } from './entry.ts';
import { changingPart, radius, rho } from './nested.ts';
import { type Link, spare } from './param.ts';
import { belowOne, count, numbers, p, part, positive, seed, size } from './values.ts';

const norm = spare(p, 2);
const seeded = spare(seed, 0);

/** The options of a search for the top eigenvector. */
const eigenvector = {
  alpha: spare(size('how far the direction is turned'), 0.2),
  every: spare(count('steps from search to search'), 100),
  steps: spare(count('power steps of a search'), 5),
  seed: seeded,
};

/** Relatives of SAM that look at the curvature, the outputs or a posterior too, by name: adding one here is all that it takes. */
export const curvatureSam = {
  bsam: link({
    about: 'learns a normal posterior over the weights: Bayesian SAM',
    takes: {
      rho,
      examples: positive('the training examples, which say how narrow the posterior is'),
      weightDecay: spare(size('the precision of the prior'), 0),
      damping: spare(size('what is added to the precision'), 0.1),
      initial: spare(positive('the precision at the start'), 1),
      b1: spare(belowOne('the decay of the mean gradient'), 0.9),
      b2: spare(belowOne('the decay of the precision'), 0.999),
      seed: seeded,
    },
    example: { rho: 0.01, examples: 1000, weightDecay: 0.01 },
    make: ({ bsam }, { rho, ...options }) => bsam(rho, options),
  }),
  crSam: link({
    about: 'regularizes the curvature by a third point, on the other side',
    takes: {
      rho,
      gamma: spare(size('the weight of the change of curvature'), 0.1),
      beta: spare(size('the weight of the curvature along the gradient'), 0.1),
    },
    example: { rho: 0.05, beta: 0.01 },
    make: ({ crSam }, { rho, ...options }) => crSam(rho, options),
  }),
  eigenCorrectedSam: link({
    about: "turns SAM's direction away from the top eigenvector of the Hessian",
    takes: { rho: radius, ...eigenvector },
    example: { rho: 0.05, every: 5 },
    make: ({ eigenCorrectedSam }, { rho, ...options }) => eigenCorrectedSam(rho, options),
  }),
  eigenSam: link({
    about: 'turns the perturbation toward the top eigenvector of the Hessian',
    takes: { rho, ...eigenvector },
    example: { rho: 0.05, every: 5 },
    make: ({ eigenSam }, { rho, ...options }) => eigenSam(rho, options),
  }),
  entropySgd: link({
    about: 'follows the local entropy by an inner walk',
    takes: {
      steps: spare(count('of the walk; each costs a gradient'), 20),
      gamma: spare(positive('how strongly the walk is held near'), 0.03),
      stepSize: spare(positive('of the walk'), 0.1),
      noise: spare(size('of the walk'), 1e-4),
      alpha: spare(part('the weight of a new point in the mean'), 0.25),
      seed: seeded,
    },
    example: { steps: 3 },
    make: ({ entropySgd }, options) => entropySgd(options),
  }),
  functionalSam: link({
    about: 'moves what the network computes and not what the loss makes of it',
    takes: { rho, p: norm },
    example: 0.05,
    make: ({ functionalSam }, { rho, p }) => functionalSam(rho, p),
  }),
  gam: link({
    about: 'also lowers the largest gradient norm nearby, by two Hessian products',
    takes: { rho, alpha: size('the weight of the flatness beside the loss') },
    example: { rho: 0.05, alpha: 0.5 },
    make: ({ gam }, { rho, alpha }) => gam(rho, alpha),
  }),
  sassha: link({
    about: "divides by a root of the curvature at SAM's point",
    takes: {
      rho,
      every: spare(count('steps from estimate to estimate'), 10),
      b1: spare(belowOne('the decay of the mean gradient'), 0.9),
      b2: spare(belowOne('the decay of the mean curvature'), 0.999),
      epsilon: spare(size('what is added to what is divided by'), 1e-4),
      power: spare(changingPart('the power of the curvature'), 0.5),
      seed: seeded,
    },
    example: { rho: 0.05, every: 5 },
    make: ({ sassha }, { rho, ...options }) => sassha(rho, options),
  }),
  xsam: link({
    about: 'probes the loss between and beyond two gradients',
    takes: {
      rho: radius,
      rhoMax: spare(size('the radius of the probes; twice rho unless given')),
      alphas: spare(
        numbers('what is probed, from the one gradient to the other'),
        [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2],
      ),
      probeEvery: spare(count('steps from probe to probe'), 100),
    },
    example: { rho: 0.05, alphas: [0.5, 1, 1.5], probeEvery: 30 },
    make: ({ xsam }, { rho, ...options }) => xsam(rho, options),
  }),
} as const satisfies { readonly [name: string]: Entry<Link> };
