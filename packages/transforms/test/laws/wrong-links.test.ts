import { addScaled, dispose, map, scaled, type Tree, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import {
  addDecayedWeights,
  applyUpdates,
  type Evaluation,
  epsilonHat,
  type GradientTransformation,
  interval,
  samTransform,
  stateless,
  trace,
  transformation,
} from '../../src/index.ts';
import { isItselfInAChain, nestsFreely } from '../../src/laws/chains.ts';
import { keepsClean } from '../../src/laws/clean.ts';
import { costsWhatItSays } from '../../src/laws/cost.ts';
import { failsClean } from '../../src/laws/failure.ts';
import { checkLaws, type Law, type LawLink, laws } from '../../src/laws/index.ts';
import { leaksNothing, resumes } from '../../src/laws/loop.ts';
import { ignoresOneSlice, ignoresZeroRadius } from '../../src/laws/neutral.ts';
import { passesFunctional, passesProducts } from '../../src/laws/products.ts';
import { isPure } from '../../src/laws/pure.ts';
import { readsNothing } from '../../src/laws/read-back.ts';
import { saysItsSign } from '../../src/laws/sign.ts';
import { keepsStructure } from '../../src/laws/structure.ts';
import { refusesTied } from '../../src/laws/tied.ts';

beforeAll(() => tf.setBackend('cpu'));

type Update = GradientTransformation<Tree>['update'];

/** A link that nothing makes pure. */
const bare = (update: Update, init: LawLink['init'] = () => null): LawLink => ({ gradientCost: 1, init, update });

const passing: Update = (gradient, state, params, batch) => [gradient(params, batch), state];

/** Scales gradients by what a function says of an evaluation. */
const scaledBy = (factor: (evaluation: { readonly carried?: readonly Tree[]; readonly report?: object }) => number) =>
  transformation<null>({
    gradientCost: 1,
    init: () => null,
    update(gradient, state, params, batch) {
      const evaluation = gradient(params, batch);
      return [{ ...evaluation, grads: map(evaluation.grads, (g) => tf.mul(g, factor(evaluation))) }, state];
    },
  });

/** SAM that gives what a function makes of its two evaluations. */
const twice = (f: <E extends Evaluation<Tree, Tree>>(clean: E, ahead: E) => E) =>
  transformation<null>({
    gradientCost: 2,
    init: () => null,
    update(gradient, state, params, batch) {
      const clean = gradient(params, batch);
      return [f(clean as never, gradient(applyUpdates(params, epsilonHat(clean.grads, 0.1)), batch) as never), state];
    },
  });

/** How many there were before, of whatever calls it. */
function counter(): () => number {
  let calls = 0;
  return () => calls++;
}

const phased = (update: (phase: number) => void) =>
  bare(
    (gradient, state, params, batch) => {
      const { phase } = state as { readonly phase: number };
      update(phase);
      return [gradient(params, batch), { phase: phase + 1 }];
    },
    () => ({ phase: 0 }),
  );

/** Momentum whose trace is kept beside the state, under the state as a key. */
function forgetful(): LawLink {
  const memory = new WeakMap<object, number>();
  return bare(
    (gradient, state, params, batch) => {
      const sum = (memory.get(state as object) ?? 0) + 1;
      const next = { phase: 1 };
      memory.set(next, sum);
      return [tf.tidy(() => scaledBy(() => sum).update(gradient, null, params, batch)[0] as never), next];
    },
    () => ({ phase: 1 }),
  );
}

/** Says that what a link gives is its gradient as it is. */
const saysLinear = {
  linear: (product: (...at: Tree[]) => Tree, _state: Tree, params: Tree, batch: Tree) => product(params, batch),
};

const blame = () => {
  throw new Error('the law needs the derivative of what comes before it in the chain, and somebody else has none: ...');
};

const counted = counter();
const initiated = counter();

/** Wrong links, by the law that refuses them, with what it says. */
const WRONG: readonly (readonly [law: Law, links: Readonly<Record<string, readonly [link: LawLink, says: string]>>])[] =
  [
    [
      isPure,
      {
        'that gives something else each time': [
          stateless((grads) => map(grads, (g) => tf.mul(g, counted()))),
          'what the second of two equal updates gives is "[0].grads',
        ],
        'that draws plain data': [
          bare((gradient, _, params, batch) => [gradient(params, batch), { phase: counted() }]),
          'the plain data that it gives is',
        ],
        'that frees the parameters': [
          bare((gradient, state, params, batch) => {
            const evaluation = gradient(params, batch);
            dispose(params);
            return [evaluation, state];
          }),
          'the tensor at "[0].layers[0].kernel" is freed',
        ],
        'that writes into its state': [
          bare(
            (gradient, state, params, batch) => {
              Object.assign(state as object, { seen: true });
              return [gradient(params, batch), null];
            },
            () => ({ seen: false }),
          ),
          'the plain data of the inputs is',
        ],
        'that leaves a tensor': [
          bare((gradient, state, params, batch) => {
            tf.scalar(1);
            return [gradient(params, batch), state];
          }),
          'two updates leave 2 tensors beside their results',
        ],
        'that gives its input as its state': [
          bare((gradient, _, params, batch) => [gradient(params, batch), params]),
          'a tensor stands in two places',
        ],
      },
    ],
    [
      keepsStructure,
      {
        'that adds an axis': [
          stateless((grads) => map(grads, (g) => tf.expandDims(g, 0))),
          'a gradient is ".layers[0].kernel" float32 [1,2,2], expected ".layers[0].kernel" float32 [2,2]',
        ],
        'that drops plain data': [
          stateless(
            (grads) => JSON.parse(JSON.stringify(grads, (key, x) => (key === 'temperature' ? null : x))) as never,
          ),
          'a gradient is',
        ],
        'that casts': [stateless((grads) => map(grads, (g) => tf.cast(g, 'int32'))), 'int32 [2,2]'],
      },
    ],
    [
      isItselfInAChain,
      {
        'that loses the states of the links before it': [
          bare((gradient, state, params, batch) => {
            const { value, grads, aux } = gradient(params, batch);
            return [{ value, grads, aux }, state];
          }),
          'The state of chain must be',
        ],
        'that looks at what it carries': [
          scaledBy(({ carried = [] }) => 1 + carried.length),
          'chain(chain(), link), at step 0',
        ],
      },
    ],
    [
      nestsFreely,
      {
        'whose start depends on how many there were': [
          bare(
            (gradient, state, params, batch) => [gradient(params, batch), map(state, (x) => tf.clone(x))],
            () => tf.scalar(initiated()),
          ),
          'chain(a, chain(b, c)), at step 0 the state',
        ],
      },
    ],
    [
      ignoresZeroRadius,
      {
        'that looks at the report': [
          scaledBy(({ report = {} }) => 1 + Object.keys(report).length),
          'chain(samTransform(0), link) is ".grads',
        ],
      },
    ],
    [
      ignoresOneSlice,
      {
        'that looks at what it carries': [
          scaledBy(({ carried = [] }) => 1 + carried.length),
          'chain(microBatch(b), link) is ".grads',
        ],
      },
    ],
    [
      costsWhatItSays,
      {
        'that says too little': [
          transformation({ ...samTransform(0.1), gradientCost: 1 }),
          'its first updates, 1 of them, evaluate 2 gradients of the batch, its gradientCost and costAt say 1',
        ],
        'that says the mean of a period alone': [
          transformation({ ...interval(3, samTransform(0.1)), costAt: undefined }),
          'its first updates, 1 of them, evaluate 1 gradients of the batch',
        ],
        'that is wrong late': [
          transformation({ ...interval(4, samTransform(0.1)), costAt: (step) => (step < 3 ? 1 : 1.25) }),
          'its first updates, 4 of them, evaluate 5 gradients of the batch, its gradientCost and costAt say 4.25',
        ],
        'whose mean is another': [
          transformation({ ...trace(0.9), gradientCost: 2, costAt: () => 1 }),
          'its gradientCost is 2, the mean of costAt in a long run 1',
        ],
      },
    ],
    [
      keepsClean,
      {
        'that gives all of its second evaluation': [
          twice((_, ahead) => ahead),
          'it evaluates at w, and its value is that of an evaluation at a distance of ',
        ],
        'that gives the value of its second evaluation': [
          twice((clean, { value, grads }) => ({ ...clean, value, grads })),
          'it evaluates at w, and its value is that of an evaluation at a distance of ',
        ],
        'that carries the states of its second evaluation': [
          twice((clean, { carried, grads }) => ({ ...clean, ...(carried && { carried }), grads })),
          'aux of 0, carried of 0.',
        ],
        'that mixes two evaluations elsewhere': [
          transformation({
            gradientCost: 2,
            init: () => null,
            update(gradient, state, params, batch) {
              const [near, far] = [0.1, 0.2].map((x) =>
                gradient(
                  map(params, (w) => tf.add(w, x)),
                  batch,
                ),
              ) as [ReturnType<typeof gradient>, ReturnType<typeof gradient>];
              return [{ ...near, value: far.value }, state];
            },
          }),
          'its value is that of an evaluation at a distance of ',
        ],
      },
    ],
    [
      saysItsSign,
      {
        'that turns the gradient around without a word': [
          stateless((grads) => scaled(grads, -1)),
          'it turns the gradient around, and its sign is undefined: say sign: -1',
        ],
        'that turns it around and says that it does not': [
          transformation({ ...trace(0.9), ...stateless((grads) => scaled(grads, -1)), sign: 1 }),
          'it turns the gradient around, and its sign is 1: say sign: -1',
        ],
        'that says that it turns it around': [
          { ...stateless((grads) => scaled(grads, 2)), sign: -1 },
          'its sign is -1, and it never turns the gradient around: say sign: 1',
        ],
      },
    ],
    [
      passesProducts,
      {
        'that says that it is linear and squares': [
          { ...stateless((grads) => map(grads, (g) => tf.square(g))), ...saysLinear } as LawLink,
          'the product is off by',
        ],
        'that says that it is linear and forgets its factor': [
          { ...stateless((grads) => map(grads, (g) => tf.mul(g, 1.01))), ...saysLinear } as LawLink,
          'the product is off by',
        ],
        'that blames another link': [{ ...samTransform(0.1), update: blame }, 'and somebody else has none'],
      },
    ],
    [
      passesFunctional,
      {
        'that forgets to say that it adds a velocity': [
          { ...trace(0.9), affine: false },
          'the functional gradient is off by',
        ],
        'that decays the weights of another point': [
          {
            ...addDecayedWeights(0.5),
            linear: (product, _, params, batch) => addScaled(product(params, batch), 0.5, params),
          } as LawLink,
          'the functional gradient is off by',
        ],
        'that blames another link': [{ ...samTransform(0.1), update: blame }, 'and somebody else has none'],
      },
    ],
    [
      readsNothing,
      {
        'that decides on the host': [
          stateless((grads) => map(grads, (g) => (g.dataSync()[0] ? g : tf.neg(g)))),
          'an update reads a tensor back',
        ],
        'that reads for later': [
          stateless((grads) => {
            map(grads, (g) => {
              g.data().catch(() => {});
              return g;
            });
            return grads;
          }),
          'an update reads a tensor back',
        ],
      },
    ],
    [
      failsClean,
      {
        'that keeps what it made before': [
          bare((gradient, state, params, batch) => {
            const made = zerosLike(params);
            const evaluation = gradient(params, batch);
            dispose(made);
            return [evaluation, state];
          }),
          'tensors are left when call 1 throws: make the link by transformation',
        ],
        'that swallows the error': [
          bare((gradient, state, params, batch) => {
            try {
              return [gradient(params, batch), state];
            } catch {
              return [{ value: tf.scalar(0), grads: zerosLike(params), aux: null as never }, state];
            }
          }),
          'the error of call 1 of the gradient function is not passed on',
        ],
      },
    ],
    [
      refusesTied,
      {
        'that takes what it gets': [bare(passing), 'init says nothing of a tensor that stands at'],
      },
    ],
    [
      leaksNothing,
      {
        'that leaks at its third update': [
          phased((phase) => {
            if (phase > 1) tf.keep(tf.scalar(1));
          }),
          'three steps leave 1 tensors',
        ],
      },
    ],
    [
      resumes,
      {
        'that keeps its memory beside its state': [forgetful(), 'a step after it is ".w'],
      },
    ],
  ];

describe.each(WRONG)('$name', ({ check, name }, links) => {
  test.each(Object.entries(links))('refuses a link %s', async (_, [link, says]) => {
    const error = await check(link, { numRuns: 4 }).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error?.message).toContain(`breaks the law that a link ${name}: `);
    expect(error?.message).toContain(says);
    expect(error?.message).toMatch(/ Counterexample: .*, seed 20101412\.$/);
    expect(error?.cause).toBeInstanceOf(Error);
  });
});

test('there is a wrong link for every law', () => {
  expect(WRONG.map(([law]) => law)).toEqual(laws);
});

test('checkLaws names the link, and takes one that keeps every law', async () => {
  await expect(checkLaws(transformation({ ...samTransform(0.1), gradientCost: 1 }), { numRuns: 1 })).rejects.toThrow(
    'samTransform(0.1, 2) breaks the law that a link costs as many',
  );
  await checkLaws(samTransform(0.1), { numRuns: 6 });
});

test('checkLaws says of no backend, of a missing cost and of a promise what is wrong, before any law', async () => {
  const names = vi.spyOn(tf.engine(), 'backendNames').mockReturnValue([]);
  await expect(checkLaws(trace(0.9))).rejects.toThrow(
    /^TensorFlow.js has no backend to compute on: import '@tensorflow\/tfjs' before the laws\.$/,
  );
  names.mockRestore();
  await expect(checkLaws({ ...trace(0.9), gradientCost: undefined as never })).rejects.toThrow(
    /^gradientCost of the link must be a number, got nothing\.$/,
  );
  const waiting = bare((async (...args: Parameters<typeof passing>) => passing(...args)) as never);
  const before = tf.memory().numTensors;
  await expect(checkLaws(waiting)).rejects.toThrow(
    /^update of the link must give its result at once, got a promise: write it without async\.$/,
  );
  expect(tf.memory().numTensors).toBe(before);
});
