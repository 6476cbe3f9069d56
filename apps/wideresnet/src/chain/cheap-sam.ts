import { type Entry, link } from './entry.ts';
import { lateRadius, radius, rho } from './nested.ts';
import { type Link, spare } from './param.ts';
import { belowOne, count, oneOf, p, part, seed, size } from './values.ts';

const norm = spare(p, 2);
const seeded = spare(seed, 0);

/** Relatives of SAM that cost less than two gradients a step, and what it is compared with, by name: adding one here is all that it takes. */
export const cheapSam = {
  asyncSam: link({
    about: 'goes along the gradient of the step before: SAM at the price of one',
    takes: { rho, p: norm },
    example: 0.05,
    make: ({ asyncSam }, { rho, p }) => asyncSam(rho, p),
  }),
  esam: link({
    about: 'moves a share of the weights, and takes the second gradient of the sharpest examples only',
    takes: {
      rho,
      beta: spare(part('the share of the weights'), 0.6),
      gamma: spare(part('the share of the examples'), 0.5),
      seed: seeded,
    },
    example: { rho: 0.05, gamma: 0.5 },
    make: ({ esam }, { rho, ...options }, { exampleLoss }) => esam(rho, { exampleLoss, ...options }),
  }),
  lateSam: link({
    about: 'is SAM in the last share of the steps, and plain before',
    takes: {
      rho: lateRadius,
      tail: spare(part('the share of the steps that are of SAM'), 0.3),
      p: norm,
      steps: spare(count("the steps of the run; the run's unless given")),
    },
    example: { rho: 0.05, tail: 0.3 },
    make: ({ lateSam }, { rho, tail = 0.3, p, steps }, run) => {
      const all = steps ?? run.steps;
      return lateSam(rho(Math.round(tail * all)), all, tail, p);
    },
  }),
  lookSam: link({
    about: 'reuses what SAM adds for k steps',
    takes: {
      k: count('the period in steps'),
      rho: radius,
      alpha: spare(size('the weight of what is reused'), 0.7),
      p: norm,
    },
    example: { k: 5, rho: 0.05 },
    make: ({ lookSam }, { k, rho, alpha, p }) => lookSam(k, rho, alpha, p),
  }),
  momentumSam: link({
    about: 'perturbs against its momentum: SAM at the price of one; it stands for trace',
    takes: { rho, decay: spare(belowOne('the share of the velocity that stays'), 0.9) },
    example: 0.3,
    make: ({ momentumSam }, { rho, decay }) => momentumSam(rho, decay),
  }),
  random: link({
    about: 'goes in a random direction: what SAM is compared with',
    takes: {
      rho,
      seed: seeded,
      p: norm,
      noise: spare(oneOf('filter')('by the length of the weights of each output, in the place of a norm')),
    },
    example: { rho: 0.05, seed: 7 },
    make({ random }, { rho, seed = 0, p, noise }) {
      if (noise === undefined) return random(rho, seed, p);
      if (p !== undefined) throw new Error('noise has no norm: leave p or noise out.');
      return random(rho, seed, { noise });
    },
  }),
} as const satisfies { readonly [name: string]: Entry<Link> };
