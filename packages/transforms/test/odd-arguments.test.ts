import { isKey, key } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import * as transforms from '../src/index.ts';
import { cosineDecay, inPrecision, scale, trace } from '../src/index.ts';

/** What somebody writes by mistake in plain JavaScript, where no type stops it. */
const ODD: readonly unknown[] = [
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  0.5,
  '0.1',
  true,
  [],
  {},
  { ordre: 2 },
  [scale(-0.1), scale(2)],
  () => undefined,
  async () => undefined,
  function* () {},
  Symbol('odd'),
];

const tree = tf.tensor1d([3, -4]);
const link = scale(2);
const optimizer = scale(-2);
const identity = <T>(x: T): T => x;
const rate = cosineDecay(0.1, 10);

/** `textOf` writes down any value, and a state of `scheduleFree` may hold more. */
type Unasked = 'textOf' | 'scheduleFreeWeights';

/** A call of every export that is right; options stand last, with a value
 * for each of them. */
const CALLS: { readonly [Name in Exclude<keyof typeof transforms, Unasked>]: readonly unknown[] } = {
  accumulate: [{ shared: () => false, weight: identity, aux: { a: 'sum', b: ['mean', 'concat'] } }],
  adabelief: [0.1, { b1: 0.9, b2: 0.9, epsilon: 1e-8 }],
  adam: [0.1, { b1: 0.9, b2: 0.9, epsilon: 1e-8 }],
  adamw: [0.1, 0.01, { b1: 0.9, b2: 0.9, epsilon: 1e-8 }],
  addDecayedWeights: [0.1],
  after: [2, link],
  amsgrad: [0.1, { b1: 0.9, b2: 0.9, epsilon: 1e-8, biasCorrection: true }],
  applyUpdates: [tree, tree],
  byGroup: [{ all: { select: () => true, rho: 0.1, p: 2 } }],
  asyncSam: [0.1, 2],
  averageWeights: [{ decay: 0.9, start: 1, every: 2 }],
  bsam: [0.1, { examples: 10, weightDecay: 0.1, damping: 0.1, initial: 1, b1: 0.9, b2: 0.9, seed: 1 }],
  centralize: [],
  chain: [link, link],
  checkState: [trace(0.9), tree, { velocity: tree }],
  clipByGlobalNorm: [1],
  clipByValue: [1],
  comparableRadius: [0.1, 2, 100],
  constant: [1],
  countExamples: [tree],
  cosineDecay: [0.1, 10, { alpha: 0.1 }],
  crSam: [0.1, { gamma: 0.1, beta: 0.1 }],
  decoupledWsam: [optimizer, 0.1, 0.5, 0.1, 2],
  displaceBy: [() => null, (_: null, w: Tree) => w, (g: Tree, s: null) => [g, s]],
  dualExponent: [2],
  dualNorm: [tree, 2],
  eigenCorrectedSam: [0.1, { alpha: 0.2, every: 2, steps: 2, seed: 1 }],
  eigenSam: [0.1, { alpha: 0.2, every: 2, steps: 2, seed: 1 }],
  during: [1, 2, link],
  entropySgd: [{ steps: 2, gamma: 0.1, stepSize: 0.1, noise: 0.1, alpha: 0.5, seed: 1 }],
  epsilonHat: [tree, 0.1, 2],
  epsilonHatDerivative: [tree, tree, 0.1, 2],
  esam: [0.1, { exampleLoss: identity, beta: 0.5, gamma: 0.5, seed: 1, shared: () => false }],
  firstExamples: [0.5],
  freeze: [() => true, link],
  friendlySam: [0.1, { sigma: 1, decay: 0.5, p: 2 }],
  functionalSam: [0.1, 2],
  gam: [0.1, 0.1],
  gradientsOver: [link, 10],
  gsam: [0.1, 0.1, 2],
  handOver: [2, link, link],
  inPrecision: ['high'],
  interval: [2, link],
  isTogether: [tree],
  join: [[rate, rate], [5]],
  lamb: [0.1, 0.1, { b1: 0.9, b2: 0.9, epsilon: 1e-8 }],
  lateSam: [0.1, 10, 0.5, 2],
  lightSam: [0.1],
  linear: [0, 1, 10],
  lion: [0.1, 0.1, { b1: 0.9, b2: 0.9 }],
  longestPerturbation: [0.1, 2, 100],
  lookSam: [2, 0.1, 0.5, 2],
  lookahead: [optimizer, 2, 0.5],
  lossBudgetSam: [0.1, 0.5, 2],
  masked: [link, () => true],
  microBatch: [2, { shared: () => false, weight: identity, aux: 'sum' }],
  momentum: [0.1, 0.9, { nesterov: true }],
  momentumSam: [0.1, 0.9],
  muon: [
    0.1,
    { decay: 0.9, nesterov: true, steps: 5, consistentRms: 0.2, select: () => true, rest: optimizer, weightDecay: 0.1 },
  ],
  orthogonalize: [tree, 5],
  partition: [{ all: { select: () => true, link } }],
  perturbBy: [() => null, (g: Tree, s: null) => [g, s]],
  piecewise: [0.1, { 10: 0.5 }],
  polynomial: [1, 0, 10, 2],
  polyak: [{ lowerBound: 0, maxRate: 1, weightDecay: 0.1 }],
  prodigy: [
    1,
    { b1: 0.9, b2: 0.9, epsilon: 1e-8, firstDistance: 1e-6, coefficient: 1, weightDecay: 0.1, safeguardWarmup: false },
  ],
  projectOntoBall: [tree, 0.1, 2],
  random: [0.1, 7, { noise: 'filter' }],
  renormalized: [link],
  rhoFromLearningRate: [rate, { rho: [0, 1], learningRate: [0, 1] }],
  rmsprop: [0.1, { decay: 0.9, epsilon: 1e-8 }],
  sampa: [optimizer, 0.1, { lambda: 0.2 }],
  sam: [optimizer, 0.1, 2],
  samplePosterior: [tree, tree, key(1)],
  samTransform: [
    0.1,
    2,
    { order: 1, steps: 1, adaptive: { eta: 0.1, by: 'layer' }, perturb: () => true, ascent: inPrecision('default') },
  ],
  sassha: [0.1, { every: 2, b1: 0.9, b2: 0.9, epsilon: 0.1, power: 0.5, seed: 1 }],
  saner: [0.1, 0.5, 2],
  scale: [-0.1],
  scaleByAdagradNorm: [],
  scaleByAdam: [{ b1: 0.9, b2: 0.9, epsilon: 1e-8 }],
  scaleByAmsgrad: [{ b1: 0.9, b2: 0.9, epsilon: 1e-8, biasCorrection: true }],
  scaleByBelief: [{ b1: 0.9, b2: 0.9, epsilon: 1e-8 }],
  scaleByLion: [{ b1: 0.9, b2: 0.9 }],
  scaleByMuon: [{ decay: 0.9, nesterov: true, steps: 5 }],
  scaleByRms: [{ decay: 0.9, epsilon: 1e-8 }],
  scaleBySchedule: [rate],
  scaleByShape: [{ consistentRms: 0.2 }],
  scaleByTrustRatio: [],
  scheduleFree: [optimizer, 0.1, { decay: 0.9, weightPower: 2 }],
  sgd: [0.1],
  skipNonFinite: [link, { limit: 2 }],
  slerp: [tree, tree, 0.5],
  stateful: [() => null, (g: Tree, s: null) => [g, s]],
  stateless: [identity],
  together: [[tree, tree]],
  trace: [0.9, { nesterov: true }],
  transformation: [{ ...link }],
  unifiedSam: [0.1, 0.5],
  usam: [0.1],
  vasso: [0.1, 0.5, 2],
  warmup: [0.1, 10],
  warmupStableDecay: [0.1, 10, 0.5, { warmup: 2, decay: 'cosine' }],
  withWarmup: [rate, 10],
  withClean: [link, identity],
  wsam: [0.1, 0.5, 2],
  xsam: [0.1, { rhoMax: 0.2, alphas: [1], probeEvery: 2 }],
  zSharp: [0.1, 0.5],
};

type Call = (...args: readonly unknown[]) => unknown;
const exported = transforms as unknown as { readonly [name: string]: Call };
const isRecord = (x: unknown): x is { readonly [key: string]: unknown } =>
  typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === Object.prototype && !('update' in x || isKey(x));

/** All calls in which one argument, or one option, is odd; trees in the arguments stay, for a tree may hold
 * anything. */
function oddCalls(right: readonly unknown[]): { readonly odd: unknown; readonly args: readonly unknown[] }[] {
  return right.flatMap((argument, i) => {
    if (argument === tree) return [];
    const whole = ODD.map((odd) => ({ odd, args: right.map((other, j) => (i === j ? odd : other)) }));
    if (!isRecord(argument)) return whole;
    const options = Object.keys(argument).flatMap((key) =>
      ODD.map((odd) => ({ odd, args: right.map((other, j) => (i === j ? { ...argument, [key]: odd } : other)) })),
    );
    const unknown = { odd: 'another option', args: right.map((x, j) => (i === j ? { ...argument, another: 1 } : x)) };
    return [...whole, ...options, unknown];
  });
}

/** Messages of the engine, which name no argument. */
const RAW = /undefined|is not a function|not iterable|Cannot|reading|convert|destructure|Argument|\n/;

describe('every export, called with odd arguments', () => {
  test.each(Object.keys(CALLS))('%s refuses each in one clear line, or takes what its documentation allows', (name) => {
    const [f, right] = [exported[name] as Call, CALLS[name as keyof typeof CALLS]];
    tf.tidy(() => {
      expect(() => f(...right)).not.toThrow();
      for (const { odd, args } of oddCalls(right)) {
        let message: string | undefined;
        try {
          f(...args);
        } catch (error) {
          message = (error as Error).message;
        }
        if (message !== undefined) expect([odd, message]).toEqual([odd, expect.not.stringMatching(RAW)]);
        if (message !== undefined) expect(message).toMatch(/[.?]$/);
        // A number that is not one, a text, a list, an unknown option and a result that comes later are never meant.
        else
          expect([name, typeof odd, String(odd)]).not.toEqual([
            name,
            typeof odd,
            expect.stringMatching(/^(NaN|another option|0\.1|null|async .*|function\*.*)$/),
          ]);
      }
    });
  });

  test.each(Object.keys(CALLS).filter((name) => typeof CALLS[name as keyof typeof CALLS][0] === 'number'))(
    '%s says what is missing where nothing is given',
    (name) => {
      let message = 'it has a default';
      try {
        exported[name]?.();
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).not.toMatch(RAW);
    },
  );
});
