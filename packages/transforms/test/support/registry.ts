import { map, map2, type Tree, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import type * as transforms from '../../src/index.ts';
import {
  adabelief,
  adam,
  adamw,
  addDecayedWeights,
  after,
  amsgrad,
  applyUpdates,
  asyncSam,
  averageWeights,
  bsam,
  byGroup,
  centralize,
  chain,
  clipByGlobalNorm,
  clipByValue,
  constant,
  cosineDecay,
  crSam,
  decoupledWsam,
  displaceBy,
  during,
  eigenCorrectedSam,
  eigenSam,
  entropySgd,
  esam,
  firstExamples,
  freeze,
  friendlySam,
  functionalSam,
  type GradientTransformation,
  gam,
  gsam,
  handOver,
  inPrecision,
  interval,
  lamb,
  lateSam,
  lightSam,
  linear,
  lion,
  lookahead,
  lookSam,
  lossBudgetSam,
  masked,
  microBatch,
  momentum,
  momentumSam,
  muon,
  partition,
  perturbBy,
  polyak,
  prodigy,
  random,
  renormalized,
  rhoFromLearningRate,
  rmsprop,
  sam,
  sampa,
  samTransform,
  saner,
  sassha,
  scale,
  scaleByAdagradNorm,
  scaleByAdam,
  scaleByAmsgrad,
  scaleByBelief,
  scaleByLion,
  scaleByMuon,
  scaleByRms,
  scaleBySchedule,
  scaleByShape,
  scaleByTrustRatio,
  scheduleFree,
  sgd,
  skipNonFinite,
  stateful,
  stateless,
  trace,
  transformation,
  unifiedSam,
  usam,
  vasso,
  withClean,
  wsam,
  xsam,
  zSharp,
} from '../../src/index.ts';

import { type Batch, exampleLoss } from './gradients.ts';

type Exports = typeof transforms;
type Functions = { [K in keyof Exports]: Exports[K] extends (...args: never[]) => unknown ? K : never }[keyof Exports];

/** The exports that make a transformation, by their types. */
export type Maker = {
  [K in Functions]: ReturnType<Exports[K]> extends { readonly gradientCost: number } ? K : never;
}[Functions];

/** One that the batch of the laws fits. */
export type Link = GradientTransformation<Tree, Batch>;

const everySecond = (path: string) => path.length % 4 < 2;

const groups = {
  even: { select: everySecond, rho: linear(0.1, 0.2, 2) },
  odd: { select: (path: string) => !everySecond(path), rho: 0.3, p: Number.POSITIVE_INFINITY },
};

/** Instances of every export that makes a transformation; a new export does not compile until it stands here or in
 * `others`. */
export const registry: { readonly [Name in Maker]: readonly Link[] } = {
  // On batches that are put together alone: laws of its own.
  accumulate: [],
  adabelief: [adabelief(0.1), adabelief(cosineDecay(0.1, 3), { b1: 0.5 })],
  addDecayedWeights: [addDecayedWeights(0.1)],
  adam: [adam(0.1), adam(cosineDecay(0.1, 3), { b1: 0.5, b2: 0.9, epsilon: 1e-3 })],
  adamw: [adamw(0.1, 0.01), adamw(constant(0.1))],
  after: [
    after(0, samTransform(linear(0.1, 0.2, 2))),
    after(1, trace(0.9)),
    after(2, chain(lookSam(2, 0.1), microBatch(2))),
    after(9, samTransform(0.1)),
  ],
  amsgrad: [amsgrad(0.1), amsgrad(cosineDecay(0.1, 3), { b1: 0.5, biasCorrection: false })],
  asyncSam: [asyncSam(0.1), asyncSam(linear(0.1, 0.2, 2), Number.POSITIVE_INFINITY)],
  averageWeights: [
    averageWeights(),
    averageWeights({ decay: 0.9 }),
    averageWeights({ start: 1, every: 2 }),
    averageWeights({ decay: 0.5, start: 2 }),
  ],
  bsam: [
    bsam(0.1, { examples: 1000 }),
    bsam(linear(0.1, 0.2, 2), { examples: 10, weightDecay: 0.1, damping: 0, initial: 2, b1: 0.5, b2: 0.5, seed: 3 }),
  ],
  centralize: [centralize()],
  chain: [
    chain(),
    chain(clipByGlobalNorm(1), chain(trace(0.5), samTransform(0.1), microBatch(2)), scaleByAdam()),
    chain(microBatch(2), samTransform(0.2), microBatch(3)),
    chain(interval(2, samTransform(0.1)), lookSam(3, 0.1)),
  ],
  clipByGlobalNorm: [clipByGlobalNorm(0.5), clipByGlobalNorm(1e9)],
  clipByValue: [clipByValue(0.5), clipByValue(1e9)],
  crSam: [crSam(0.1), crSam(linear(0.1, 0.2, 2), { gamma: 0.5, beta: 1 })],
  decoupledWsam: [
    decoupledWsam(sgd(0.1), 0.1, 0.9, 0.1),
    decoupledWsam(chain(momentum(0.1), microBatch(2)), 0.1, 0.3, linear(0.1, 0, 3), 3),
    decoupledWsam(chain(interval(2, samTransform(0.1)), sgd(0.1)), 0.1, 0.9, 0.1),
  ],
  displaceBy: [
    displaceBy(
      (): { readonly count: tf.Tensor } => ({ count: tf.scalar(1) }),
      ({ count }, params) => map(params, (w) => tf.mul(w, tf.mul(count, -0.1))),
      (grads, { count }) => [grads, { count: tf.add(count, 1) }],
    ),
  ],
  // These two, gam and sassha: in secondOrder.
  eigenCorrectedSam: [],
  eigenSam: [],
  during: [during(0, 1, samTransform(0.1)), during(1, 2, interval(2, samTransform(0.1))), during(2, 2, trace(0.9))],
  entropySgd: [entropySgd({ steps: 3 }), entropySgd({ steps: 1, noise: 0, alpha: 1, gamma: 0.5 })],
  esam: [esam(0.1, { exampleLoss, gamma: 0.4 }), esam(linear(0.1, 0.2, 2), { exampleLoss, beta: 1, gamma: 1 })],
  firstExamples: [firstExamples(1), firstExamples(0.5), firstExamples(0.1)],
  freeze: [
    freeze(everySecond),
    freeze(everySecond, chain(samTransform(0.1), adamw(0.1))),
    freeze(everySecond, chain(lookSam(2, 0.1), microBatch(2), averageWeights())),
  ],
  friendlySam: [friendlySam(0.1), friendlySam(linear(0.1, 0.2, 2), { sigma: 0.5, decay: 0, p: 3 })],
  // In secondOrder: it too stands behind links that pass on what it needs.
  functionalSam: [],
  gam: [],
  gsam: [
    gsam(0.1, 0.4),
    gsam(rhoFromLearningRate(cosineDecay(0.1, 3), { rho: [0.01, 0.1], learningRate: [0, 0.1] }), 0.2, 1),
  ],
  handOver: [
    handOver(1, momentum(0.1), adam(0.1)),
    handOver(1, interval(2, samTransform(0.1)), chain(microBatch(2), samTransform(0.1))),
  ],
  inPrecision: [inPrecision('highest'), inPrecision('high'), inPrecision('default')],
  interval: [
    interval(1, samTransform(0.1)),
    interval(2, chain(samTransform(0.1), microBatch(2))),
    interval(3, trace(0.9)),
    interval(2, lookSam(3, 0.1)),
  ],
  lamb: [lamb(0.1), lamb(constant(0.1), 0.01)],
  lateSam: [lateSam(0.1, 2, 0.5), lateSam(linear(0.05, 0.1, 1), 4, 0.25, 3), lateSam(0.1, 5, 1)],
  lightSam: [lightSam(0.1), lightSam(linear(0.1, 0.2, 2))],
  lion: [lion(0.1), lion(constant(0.1), 0.01, { b1: 0.5, b2: 0.9 })],
  lookahead: [lookahead(momentum(0.1), 2, 0.5), lookahead(chain(interval(2, samTransform(0.1)), sgd(0.1)), 3)],
  lookSam: [lookSam(1, 0.1), lookSam(3, 0.1), lookSam(2, linear(0.1, 0.2, 2), 0.3, 3)],
  lossBudgetSam: [lossBudgetSam(0.1, 0.5), lossBudgetSam(linear(0.1, 0.2, 2), 1, 3)],
  masked: [
    masked(trace(0.9), everySecond),
    masked(samTransform(0.1), everySecond),
    masked(chain(trace(0.9), samTransform(0.1), microBatch(2)), everySecond),
    masked(adam(0.1), () => true),
    masked(addDecayedWeights(0.1), everySecond),
    masked(lookSam(2, 0.1), everySecond),
  ],
  microBatch: [
    microBatch(1),
    microBatch(2),
    microBatch(5),
    microBatch(9),
    microBatch(2, { weight: ({ x }: Batch) => tf.sum(tf.abs(x)), aux: { examples: 'sum' } }),
  ],
  momentum: [momentum(0.1), momentum(linear(0.1, 0, 3), 0.5, { nesterov: true })],
  momentumSam: [momentumSam(0.1), momentumSam(linear(0.1, 0.2, 2), 0)],
  muon: [
    muon(0.1),
    muon(cosineDecay(0.1, 3), {
      select: everySecond,
      rest: chain(interval(2, samTransform(0.1)), sgd(0.1)),
      weightDecay: 0.1,
      consistentRms: 0.2,
    }),
  ],
  partition: [
    partition({
      even: { select: everySecond, link: chain(trace(0.9), scale(-0.1)) },
      odd: { select: (path) => !everySecond(path), link: chain(samTransform(0.1), adam(0.1)) },
    }),
    partition({ all: { select: () => true, link: interval(2, samTransform(0.1)) } }),
    partition({
      even: { select: everySecond, link: addDecayedWeights(0.3) },
      odd: { select: (path) => !everySecond(path), link: chain() },
    }),
  ],
  perturbBy: [
    perturbBy(
      () => null,
      (grads, state) => [map(grads, (g) => tf.mul(g, -0.1)), state, { mine: tf.scalar(1) }],
    ),
  ],
  polyak: [polyak(), polyak({ lowerBound: -1, maxRate: 0.1, weightDecay: 0.1 })],
  prodigy: [prodigy(), prodigy(cosineDecay(1, 3), { firstDistance: 0.1, weightDecay: 0.1, safeguardWarmup: true })],
  random: [
    random(0.1, 7),
    random(linear(0.1, 0.2, 2), 8, Number.POSITIVE_INFINITY),
    random(linear(0.1, 0.2, 2), 9, { noise: 'filter' }),
  ],
  renormalized: [
    renormalized(samTransform(0.1)),
    renormalized(interval(2, samTransform(0.1))),
    renormalized(chain(addDecayedWeights(0.1), samTransform(0.1), microBatch(2))),
  ],
  rmsprop: [rmsprop(0.1), rmsprop(constant(0.1), { decay: 0.5, epsilon: 1e-3 })],
  sam: [
    sam(sgd(0.1)),
    sam(adam(0.1), linear(0, 0.1, 3), 3),
    sam(sam(momentum(0.1), 0.1), 0.2, 1),
    sam(lookahead(chain(lookSam(3, 0.1), sgd(0.1)))),
  ],
  sampa: [
    sampa(sgd(0.1), 0.1),
    sampa(chain(interval(2, samTransform(0.1)), sgd(0.1)), 0.1),
    sampa(chain(addDecayedWeights(0.1), momentum(0.1), microBatch(2)), linear(0.1, 0.2, 2), { lambda: 1 }),
  ],
  samTransform: [
    samTransform(0.1),
    samTransform(0.1, 1),
    samTransform(0.1, 1.5),
    samTransform(linear(0.1, 0.2, 2), Number.POSITIVE_INFINITY),
    samTransform(0.1, 2, { adaptive: { eta: 0.1, select: everySecond }, certificate: true }),
    samTransform(0.1, 2, { adaptive: { by: 'layer' }, steps: 2 }),
    samTransform(0.1, 3, { adaptive: { by: 'fisher', select: everySecond }, steps: 2 }),
    samTransform(0.1, 2, { steps: 3, perturb: everySecond, certificate: true }),
    samTransform(0.1, 1, { steps: 2 }),
    samTransform(0.1, 2, { ascent: chain(inPrecision('default'), firstExamples(0.5)), certificate: true }),
    samTransform(0.1, 2, { steps: 2, ascent: microBatch(2) }),
    samTransform(byGroup(groups), 2, { certificate: true }),
    samTransform(byGroup(groups), 3, { adaptive: {}, steps: 2 }),
  ],
  sassha: [],
  saner: [saner(0.1, 0.3), saner(linear(0.1, 0.2, 2), 0, 3)],
  scale: [scale(-0.1)],
  scaleByAdagradNorm: [scaleByAdagradNorm()],
  scaleByAdam: [scaleByAdam()],
  scaleByAmsgrad: [scaleByAmsgrad()],
  scaleByBelief: [scaleByBelief()],
  scaleByLion: [scaleByLion()],
  scaleByMuon: [scaleByMuon(), scaleByMuon({ decay: 0, nesterov: false, steps: 2 })],
  scaleByRms: [scaleByRms()],
  scaleBySchedule: [
    scaleBySchedule(cosineDecay(-0.1, 3)),
    scaleBySchedule(Object.assign((count: tf.Scalar) => tf.cast(count, 'float32'), { sign: 1 as const })),
  ],
  scaleByShape: [scaleByShape(), scaleByShape({ consistentRms: 0.2 })],
  scaleByTrustRatio: [scaleByTrustRatio()],
  scheduleFree: [
    scheduleFree(sgd(0.1), 0.1),
    scheduleFree(chain(interval(2, samTransform(0.1)), adam(linear(0, 0.1, 2), { b1: 0 })), linear(0, 0.1, 2), {
      decay: 0.5,
    }),
  ],
  sgd: [sgd(0.1), sgd(constant(0.1))],
  skipNonFinite: [
    skipNonFinite(chain(samTransform(0.1), momentum(0.1))),
    skipNonFinite(chain(lookSam(2, 0.1), microBatch(2), adam(0.1))),
    skipNonFinite(random(0.1, 3)),
    skipNonFinite(adam(0.1), { limit: 2 }),
  ],
  stateful: [
    stateful(
      (params): { sum: Tree } => ({ sum: zerosLike(params) }),
      (grads, { sum }) => {
        const next = map2(grads, sum, (g, s) => tf.add(g, s));
        return [next, { sum: next }, { seen: tf.scalar(1) }];
      },
    ),
  ],
  stateless: [stateless((grads) => map(grads, (g) => tf.sign(g))), stateless((_, params) => params)],
  trace: [trace(0.9), trace(0.5, { nesterov: true })],
  transformation: [
    transformation({
      gradientCost: 3,
      init: (params) => params,
      update(gradient, state, params, batch) {
        const clean = gradient(params, batch);
        const ahead = gradient(applyUpdates(params, clean.grads), batch);
        return [{ ...clean, grads: gradient(applyUpdates(params, ahead.grads), batch).grads }, state];
      },
    }),
  ],
  unifiedSam: [unifiedSam(0.1, 0.3), unifiedSam(linear(0.1, 0.2, 2), linear(1, 0, 3))],
  usam: [usam(0.1), usam(linear(0.1, 0.2, 2))],
  vasso: [vasso(0.1, 0.4), vasso(linear(0.1, 0.2, 2), 1, 3)],
  withClean: [
    withClean(samTransform(0.1), (clean, sharp) => map2(clean, sharp, (a, b) => tf.sub(b, a))),
    withClean(chain(), (clean) => clean),
    withClean(interval(3, samTransform(0.1)), (clean) => clean),
  ],
  wsam: [wsam(0.1, 0.9), wsam(linear(0.1, 0.2, 2), 0.5, Number.POSITIVE_INFINITY)],
  xsam: [
    xsam(0.1, { alphas: [0.5, 1, 1.5], probeEvery: 3 }),
    xsam(linear(0.1, 0.2, 2), { rhoMax: 0.3, alphas: [2], probeEvery: 1 }),
  ],
  zSharp: [zSharp(0.1, 0.5), zSharp(linear(0.1, 0.2, 2), 0)],
};

/** The other functions that the package exports, and what they give. */
export const others: {
  readonly [Name in Exclude<Functions, Maker>]:
    | 'a tree'
    | 'a number'
    | 'a scalar'
    | 'a schedule'
    | 'a text'
    | 'a truth'
    | 'nothing'
    | 'radii';
} = {
  applyUpdates: 'a tree',
  byGroup: 'radii',
  checkState: 'nothing',
  comparableRadius: 'a number',
  constant: 'a schedule',
  countExamples: 'a number',
  cosineDecay: 'a schedule',
  dualExponent: 'a number',
  dualNorm: 'a scalar',
  epsilonHat: 'a tree',
  epsilonHatDerivative: 'a tree',
  gradientsOver: 'a number',
  longestPerturbation: 'a number',
  isTogether: 'a truth',
  join: 'a schedule',
  linear: 'a schedule',
  orthogonalize: 'a tree',
  piecewise: 'a schedule',
  polynomial: 'a schedule',
  projectOntoBall: 'a tree',
  rhoFromLearningRate: 'a schedule',
  samplePosterior: 'a tree',
  scheduleFreeWeights: 'a tree',
  slerp: 'a tree',
  textOf: 'a text',
  together: 'a tree',
  warmup: 'a schedule',
  warmupStableDecay: 'a schedule',
  withWarmup: 'a schedule',
};

/** Links that need the Hessian: they refuse to stand behind one that has no derivative, so the laws of chains are not
 * theirs. */
export const secondOrder: readonly Link[] = [
  samTransform(0.1, 2, { order: 2, certificate: true }),
  samTransform(byGroup(groups), 1.5, { order: 2, adaptive: {} }),
  samTransform(linear(0.1, 0.2, 2), 3, { order: 2, adaptive: { eta: 0.1, by: 'layer' }, perturb: everySecond }),
  chain(addDecayedWeights(0.1), samTransform(0.1, 1.5, { order: 2, adaptive: {} }), momentum(0.1)),
  eigenSam(0.1, { every: 2 }),
  eigenSam(linear(0.1, 0.2, 2), { alpha: 1, every: 3, steps: 2, seed: 5 }),
  eigenCorrectedSam(0.1, { every: 6 }),
  eigenCorrectedSam(byGroup(groups), { alpha: 1, every: 2, steps: 1 }),
  functionalSam(0.1),
  functionalSam(linear(0.1, 0.2, 2), 3),
  chain(addDecayedWeights(0.1), microBatch(2), functionalSam(0.1), momentum(0.1)),
  gam(0.1, 0.5),
  gam(linear(0.1, 0.2, 2), 1),
  sassha(0.1, { every: 3 }),
  sassha(linear(0.1, 0.2, 2), { every: 1, b1: 0.5, b2: 0.9, epsilon: 1e-3, power: linear(0.5, 1, 3), seed: 5 }),
  chain(addDecayedWeights(0.1), microBatch(2), eigenSam(0.1, { every: 2 }), sgd(0.1)),
  freeze(everySecond, chain(sassha(0.1, { every: 2 }), momentum(0.1))),
];

export type Instance = { readonly name: string; readonly link: Link };

const named: readonly (readonly Instance[])[] = Object.entries(registry).map(([name, links]) =>
  links.map((link, i) => ({ name: links.length > 1 ? `${name} (${i + 1})` : name, link })),
);

export const instances: readonly Instance[] = named.flat();

/** The first instance of every export. */
export const oneOfEach: readonly Instance[] = named.flatMap((links) => links.slice(0, 1));
