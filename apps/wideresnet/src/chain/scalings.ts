import { type Entry, link } from './entry.ts';
import { corrected, lions, moments, nesterov, orthogonal, shape, squares } from './moments.ts';
import type { Link } from './param.ts';
import { belowOne } from './values.ts';

/** Optimizers without their learning rates, by name: adding one here is all that it takes. */
export const scalings = {
  scaleByAdagradNorm: link({
    about: 'divides by the root of all squared lengths so far',
    takes: {},
    example: {},
    make: ({ scaleByAdagradNorm }) => scaleByAdagradNorm(),
  }),
  scaleByAdam: link({
    about: 'is Adam without its learning rate',
    takes: moments(1e-8),
    example: {},
    make: ({ scaleByAdam }, options) => scaleByAdam(options),
  }),
  scaleByAmsgrad: link({
    about: 'is AMSGrad without its learning rate',
    takes: { ...moments(1e-8), biasCorrection: corrected },
    example: {},
    make: ({ scaleByAmsgrad }, options) => scaleByAmsgrad(options),
  }),
  scaleByBelief: link({
    about: 'is AdaBelief without its learning rate',
    takes: moments(1e-16),
    example: {},
    make: ({ scaleByBelief }, options) => scaleByBelief(options),
  }),
  scaleByLion: link({
    about: 'is Lion without its learning rate',
    takes: lions,
    example: {},
    make: ({ scaleByLion }, options) => scaleByLion(options),
  }),
  scaleByMuon: link({
    about: 'orthogonalizes the momentum of every leaf of two axes or more',
    takes: orthogonal,
    example: {},
    make: ({ scaleByMuon }, options) => scaleByMuon(options),
  }),
  scaleByRms: link({
    about: 'is RMSProp without its learning rate',
    takes: squares,
    example: {},
    make: ({ scaleByRms }, options) => scaleByRms(options),
  }),
  scaleByShape: link({
    about: 'makes one learning rate serve the steps of all shapes',
    takes: shape,
    example: { consistentRms: 0.2 },
    make: ({ scaleByShape }, options) => scaleByShape(options),
  }),
  scaleByTrustRatio: link({
    about: 'makes the step of each leaf as long as its weights',
    takes: {},
    example: {},
    make: ({ scaleByTrustRatio }) => scaleByTrustRatio(),
  }),
  trace: link({
    about: 'is momentum without its learning rate: a velocity that sums gradients',
    takes: { decay: belowOne('the share of the velocity that stays'), nesterov },
    example: { decay: 0.9, nesterov: true },
    make: ({ trace }, { decay, ...options }) => trace(decay, options),
  }),
} as const satisfies { readonly [name: string]: Entry<Link> };
