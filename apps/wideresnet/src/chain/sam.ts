import { type Entry, link } from './entry.ts';
import { changing, changingWeight, links, radius, rate, record, rho } from './nested.ts';
import { type Link, spare } from './param.ts';
import { select } from './selection.ts';
import { belowOne, count, finite, oneOf, order, p, part, positive, size, toggle, weight } from './values.ts';

const norm = spare(p, 2);
const optimizer = links('the whole optimizer, its learning rate last');

const adaptive = record(
  {
    by: spare(oneOf('element', 'layer', 'fisher')('what a weight may move by'), 'element'),
    eta: spare(size('what is added to its size')),
    select: spare(select('the leaves that are scaled; all unless given')),
  },
  'scales the neighborhood with the weights: adaptive SAM',
);

/** SAM, and its relatives that differ in where they look or what they make of it, by name: adding one here is all that it takes. */
export const sam = {
  decoupledWsam: link({
    about: 'descends the sharpness beside an optimizer',
    takes: {
      optimizer,
      rho: radius,
      gamma: belowOne('the weight of the sharpness is γ / (1 - γ)'),
      learningRate: rate,
      p: norm,
    },
    example: { optimizer: { adam: 0.001 }, rho: 0.05, gamma: 0.9, learningRate: 0.001 },
    make: ({ decoupledWsam }, { optimizer, rho, gamma, learningRate, p }) =>
      decoupledWsam(optimizer(), rho, gamma, learningRate, p),
  }),
  friendlySam: link({
    about: 'perturbs along what is special to the batch',
    takes: {
      rho,
      sigma: spare(finite('the share of the mean gradient that is taken out'), 1),
      decay: spare(belowOne('the decay of the mean gradient'), 0.6),
      p: norm,
    },
    example: 0.05,
    make: ({ friendlySam }, { rho, ...options }) => friendlySam(rho, options),
  }),
  gsam: link({
    about: 'also narrows the gap between the loss nearby and here',
    takes: { rho: radius, alpha: size('the share of the orthogonal part'), p: norm },
    example: { rho: 0.05, alpha: 0.4 },
    make: ({ gsam }, { rho, alpha, p }) => gsam(rho, alpha, p),
  }),
  lightSam: link({
    about: 'shrinks its radius as gradients add up',
    takes: { rho },
    example: 0.05,
    make: ({ lightSam }, { rho }) => lightSam(rho),
  }),
  lossBudgetSam: link({
    about: 'chooses the radius at which the loss rises by a budget',
    takes: { sigma: changing('the budget'), rhoMax: positive('the largest radius'), p: norm },
    example: { sigma: 0.1, rhoMax: 0.5 },
    make: ({ lossBudgetSam }, { sigma, rhoMax, p }) => lossBudgetSam(sigma, rhoMax, p),
  }),
  renormalized: link({
    about: 'gives what a link makes of the gradient the length of the gradient: with SAM it is Stable SAM',
    takes: { link: links('what is renormalized') },
    example: { samTransform: 0.05 },
    make: ({ renormalized }, { link }) => renormalized(link()),
  }),
  sampa: link({
    about: 'takes two gradients of which neither waits for the other',
    takes: { optimizer, rho, lambda: spare(weight('the share of the gradient ahead'), 0.2) },
    example: { optimizer: { sgd: 0.1 }, rho: 0.05 },
    make: ({ sampa }, { optimizer, rho, ...options }) => sampa(optimizer(), rho, options),
  }),
  samTransform: link({
    about: 'takes the gradient at the worst point within a radius: SAM',
    takes: {
      rho: radius,
      p: norm,
      order: spare(order('2 keeps the term through ε̂, by a Hessian product'), 1),
      steps: spare(count('of the ascent'), 1),
      adaptive: spare(adaptive),
      perturb: spare(select('the leaves that move; all unless given')),
      ascent: spare(links('what the gradient of the ascent goes through, to be cheap')),
      certificate: spare(toggle('whether the report says how good the ascent was'), false),
    },
    example: { rho: 0.05, p: 2 },
    make: ({ samTransform }, { rho, p, ascent, ...options }) =>
      samTransform(rho, p, { ...options, ...(ascent && { ascent: ascent() }) }),
  }),
  saner: link({
    about: 'shortens what SAM shortens further, for wrong labels',
    takes: { rho: radius, alpha: spare(weight('0 is the strongest, 1 is SAM'), 0), p: norm },
    example: { rho: 0.05, alpha: 0.5 },
    make: ({ saner }, { rho, alpha, p }) => saner(rho, alpha, p),
  }),
  unifiedSam: link({
    about: 'goes between SAM with and without normalization',
    takes: { rho, lambda: changingWeight('the share of the normalized step') },
    example: { rho: 0.05, lambda: { linear: { from: 1, to: 0 } } },
    make: ({ unifiedSam }, { rho, lambda }) => unifiedSam(rho, lambda),
  }),
  usam: link({
    about: 'is SAM without normalization',
    takes: { rho: changing('how far it looks, for each length of the gradient') },
    example: 0.05,
    make: ({ usam }, { rho }) => usam(rho),
  }),
  vasso: link({
    about: 'perturbs along the mean gradient',
    takes: { rho, theta: part('the weight of a new gradient in the mean'), p: norm },
    example: { rho: 0.05, theta: 0.4 },
    make: ({ vasso }, { rho, theta, p }) => vasso(rho, theta, p),
  }),
  wsam: link({
    about: 'weighs the sharpness beside the loss',
    takes: { rho: radius, gamma: belowOne('½ is SAM, above it sharpness weighs more'), p: norm },
    example: { rho: 0.05, gamma: 0.8 },
    make: ({ wsam }, { rho, gamma, p }) => wsam(rho, gamma, p),
  }),
  zSharp: link({
    about: 'perturbs along the entries of the gradient that stand out in their leaf',
    takes: { rho, quantile: spare(belowOne('the share of the entries that stay where they are'), 0.95) },
    example: 0.05,
    make: ({ zSharp }, { rho, quantile }) => zSharp(rho, quantile),
  }),
} as const satisfies { readonly [name: string]: Entry<Link> };
