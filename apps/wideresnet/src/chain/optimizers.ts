import type { GradientTransformation } from '@steppe/transforms';
import type { Tree } from '@steppe/tree';
import { type Entry, link } from './entry.ts';
import { corrected, decayed, lions, moments, nesterov, orthogonal, shape, squares } from './moments.ts';
import { links, radius, rate } from './nested.ts';
import { type Link, spare } from './param.ts';
import { select } from './selection.ts';
import { averaging, belowOne, bound, count, finite, p, part, positive, size, step, toggle } from './values.ts';

const optimizer = links('the whole optimizer, its learning rate last');

/** Whole optimizers, with their learning rates, and what wraps one, by name: adding one here is all that it takes. */
export const optimizers = {
  adabelief: link({
    about: 'is Adam that trusts gradients which it foresaw',
    takes: { learningRate: rate, ...moments(1e-16) },
    example: 0.001,
    make: ({ adabelief }, { learningRate, ...options }) => adabelief(learningRate, options),
  }),
  adam: link({
    about: 'divides the mean gradient by the root of the mean square',
    takes: { learningRate: rate, ...moments(1e-8) },
    example: 0.001,
    make: ({ adam }, { learningRate, ...options }) => adam(learningRate, options),
  }),
  adamw: link({
    about: 'is Adam whose weights decay beside it',
    takes: { learningRate: rate, weightDecay: spare(size('how fast the weights decay'), 1e-4), ...moments(1e-8) },
    example: { learningRate: { cosineDecay: 0.001 }, weightDecay: 0.01 },
    make: ({ adamw }, { learningRate, weightDecay, ...options }) => adamw(learningRate, weightDecay, options),
  }),
  amsgrad: link({
    about: 'is Adam of which no weight steps further again; behind SAM it is AdaSAM',
    takes: { learningRate: rate, ...moments(1e-8), biasCorrection: corrected },
    example: 0.001,
    make: ({ amsgrad }, { learningRate, ...options }) => amsgrad(learningRate, options),
  }),
  averageWeights: link({
    about: 'keeps an average of the weights in its state; it stands last',
    takes: {
      decay: spare(averaging('equal: every sample counts the same; a number: that of an exponential mean'), 'equal'),
      start: spare(step('the steps before the first sample'), 0),
      every: spare(count('steps from sample to sample'), 1),
    },
    example: { decay: 0.99 },
    make: ({ averageWeights }, options) => averageWeights(options),
  }),
  lamb: link({
    about: 'is Adam whose steps are as long as the weights of each leaf',
    takes: { learningRate: rate, weightDecay: spare(size('how fast the weights decay'), 0), ...moments(1e-6) },
    example: { learningRate: 0.01, weightDecay: 0.01 },
    make: ({ lamb }, { learningRate, weightDecay, ...options }) => lamb(learningRate, weightDecay, options),
  }),
  lion: link({
    about: 'steps along the signs of a mean gradient',
    takes: { learningRate: rate, weightDecay: spare(size('how fast the weights decay'), 1e-3), ...lions },
    example: 0.001,
    make: ({ lion }, { learningRate, weightDecay, ...options }) => lion(learningRate, weightDecay, options),
  }),
  lookahead: link({
    about: 'lets slow weights go part of the way of k fast steps',
    takes: {
      optimizer,
      k: spare(count('fast steps to a slow one'), 5),
      alpha: spare(part('the part of the way'), 0.5),
    },
    example: { optimizer: [{ samTransform: 0.05 }, { sgd: 0.1 }], k: 2 },
    make: ({ lookahead }, { optimizer, k, alpha }) => lookahead(optimizer(), k, alpha),
  }),
  momentum: link({
    about: 'steps along a velocity that sums gradients',
    takes: { learningRate: rate, decay: spare(belowOne('the share of the velocity that stays'), 0.9), nesterov },
    example: { learningRate: { cosineDecay: 0.1 }, nesterov: true },
    make: ({ momentum }, { learningRate, decay, ...options }) => momentum(learningRate, decay, options),
  }),
  muon: link({
    about: 'steps along an orthogonalized momentum for matrices, and by another optimizer for the rest',
    takes: {
      learningRate: rate,
      select: spare(select('the leaves that are orthogonalized'), 'matrices'),
      rest: spare(links('the optimizer of the others; adam at the same rate unless given')),
      weightDecay: spare(size('how fast the orthogonalized leaves decay'), 0),
      ...orthogonal,
      ...shape,
    },
    example: { learningRate: 0.02, rest: { adam: 0.001 } },
    make: ({ muon }, { learningRate, rest, ...options }) =>
      muon(learningRate, { ...options, ...(rest && { rest: rest() as GradientTransformation<Tree> }) }),
  }),
  polyak: link({
    about: 'finds the length of each step from the loss and its gradient',
    takes: {
      lowerBound: spare(finite('below which no loss goes'), 0),
      maxRate: spare(bound('the longest step'), 1),
      weightDecay: decayed,
    },
    example: { maxRate: 0.5 },
    make: ({ polyak }, options) => polyak(options),
  }),
  prodigy: link({
    about: 'is Adam that finds its learning rate',
    takes: {
      learningRate: spare(rate, 1),
      ...moments(1e-8),
      firstDistance: spare(positive('the first estimate of the distance'), 1e-6),
      coefficient: spare(positive('what multiplies the estimates'), 1),
      weightDecay: decayed,
      safeguardWarmup: spare(toggle('whether a long warm-up is kept out of the estimate'), false),
    },
    example: { weightDecay: 0.01 },
    make: ({ prodigy }, { learningRate, ...options }) => prodigy(learningRate, options),
  }),
  rmsprop: link({
    about: 'divides by the root of the mean square',
    takes: { learningRate: rate, ...squares },
    example: 0.001,
    make: ({ rmsprop }, { learningRate, ...options }) => rmsprop(learningRate, options),
  }),
  sam: link({
    about: 'puts SAM before an optimizer',
    takes: { optimizer, rho: spare(radius, 0.05), p: spare(p, 2) },
    example: { optimizer: { adam: 0.001 }, rho: 0.05 },
    make: ({ sam }, { optimizer, rho, p }) => sam(optimizer(), rho, p),
  }),
  scheduleFree: link({
    about: 'trains without a falling schedule, by an average of the weights',
    takes: {
      optimizer,
      learningRate: rate,
      decay: spare(part('the share of the average where gradients are taken'), 0.9),
      weightPower: spare(size('a step weighs as this power of its rate'), 2),
    },
    example: { optimizer: [{ samTransform: 0.05 }, { sgd: 0.1 }], learningRate: 0.1 },
    make: ({ scheduleFree }, { optimizer, learningRate, ...options }) =>
      scheduleFree(optimizer(), learningRate, options),
  }),
  sgd: link({
    about: 'steps against the gradient',
    takes: { learningRate: rate },
    example: { cosineDecay: 0.1 },
    make: ({ sgd }, { learningRate }) => sgd(learningRate),
  }),
} as const satisfies { readonly [name: string]: Entry<Link> };
