import { dot, map2, plus, scaled, type Tree, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import * as transforms from '../../src/index.ts';
import {
  applyUpdates,
  chain,
  functionalSam,
  type GradientFn,
  samTransform,
  scale,
  transformation,
} from '../../src/index.ts';
import { type Aux, type Batch, batchOf, gradient } from '../support/gradients.ts';
import { type Instance, instances, type Link, registry } from '../support/registry.ts';
import { bits, numbers } from '../support/trees.ts';
import { expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const at = () => ({ a: tf.tensor1d([0.7, -0.4]), b: { c: tf.tensor1d([1.1, 0.3, -0.2]) } });
const direction = () => ({ a: tf.tensor1d([-0.3, 0.8]), b: { c: tf.tensor1d([0.5, -0.6, 0.2]) } });
const XS = [0.5, -1, 2, 0.25, 1.25];

type Seen = GradientFn<Tree, Batch, Aux>;

/** What the next link sees behind a link at its second step, so that states which are not initial count too. */
function behind(link: Link): Seen {
  const [w, batch] = [at(), batchOf(XS)];
  const state = link.update(gradient, link.init(w), w, batch)[1];
  let seen: Seen | undefined;
  const note = transformation<null, Batch>({
    gradientCost: 0,
    init: () => null,
    update(upstream, none, params) {
      seen = upstream as never;
      return [
        { value: tf.scalar(0), grads: params, aux: { mean: tf.scalar(0), examples: tf.scalar(0) } as never },
        none,
      ];
    },
  });
  chain(link, note).update(gradient, [state, null], w, batch);
  if (seen === undefined) throw new Error('The chain has not run its last link.');
  return seen;
}

/** What the link makes of a direction alone: where it projects the gradient, nothing of the rest. */
const along = (link: Link, v: Tree): Tree => {
  const [w, batch] = [at(), batchOf(XS)];
  const state = link.update(gradient, link.init(w), w, batch)[1];
  return link.linear?.(() => v, state, w, batch, zerosLike(w)) ?? v;
};

const called = ({ name }: Link): string => name ?? 'a link';
const uphill = (link: Link): boolean => link.sign !== -1 && link.sign !== 'unknown';

/** A link on a tree of no leaf that it chooses would refuse it; all of the registry take this one. */
const passing = (member: 'hvp' | 'functional') =>
  instances.filter(({ link }) => tf.tidy(() => behind(link)[member] !== undefined)).map(({ name }) => name);

const linear = [
  'addDecayedWeights',
  'centralize',
  'chain (1)',
  'firstExamples (1)',
  'firstExamples (2)',
  'firstExamples (3)',
  'freeze (1)',
  'inPrecision (1)',
  'inPrecision (2)',
  'inPrecision (3)',
  'masked (5)',
  'microBatch (1)',
  'microBatch (2)',
  'microBatch (3)',
  'microBatch (4)',
  'microBatch (5)',
  'partition (3)',
  'random (1)',
  'random (2)',
  'scale',
  'scaleBySchedule (1)',
  'scaleBySchedule (2)',
  'sgd (1)',
  'sgd (2)',
];

describe('what is known of the gradient', () => {
  test('passes through these links', () => {
    expect(passing('functional')).toEqual(linear);
    // Their velocity is no part of the derivative.
    const affine =
      'after (2),during (3),momentum (1),momentum (2),momentumSam (1),momentumSam (2),trace (1),trace (2)'.split(',');
    expect(passing('hvp')).toEqual([...linear, ...affine].sort());
  });

  const cases = instances.map(({ name, link }): [string, Instance] => [name, { name, link }]);

  test.each(cases)('second derivatives behind %s are those of what it gives, or lost in it by name', (_, { link }) => {
    tf.tidy(() => {
      const seen = behind(link);
      if (seen.hvp === undefined) {
        expect(seen.lostIn?.hvp).toBe(called(link));
        const order2 = () => chain(link, samTransform(0.1, 2, { order: 2 }));
        if (uphill(link)) {
          const whole = order2();
          expect(() => whole.update(gradient, whole.init(at()), at(), batchOf(XS))).toThrow(
            `order: 2 needs the derivative of what comes before it in the chain, and ${called(link)} has none`,
          );
        }
        return;
      }
      const [v, h] = [along(link, direction()), 1 / 64];
      const slope = (by: number) => seen(applyUpdates(at(), scaled(v, by)), batchOf(XS)).grads;
      const differences = map2(slope(h), slope(-h), (a, b) => tf.div(tf.sub(a, b), 2 * h));
      const product = seen.hvp(at(), batchOf(XS), v);
      expectNear(numbers(product), numbers(differences), 2e-3);
      // SAM of order 2 multiplies by the transpose.
      const u = along(link, at());
      const transposed = dot(u, product).dataSync()[0] ?? Number.NaN;
      expect(dot(v, seen.hvp(at(), batchOf(XS), u)).dataSync()[0]).toBeCloseTo(transposed, 5);
    });
  });

  test.each(cases)(
    'the functional gradient behind %s is what it makes of one, or lost in it by name',
    (_, { link }) => {
      tf.tidy(() => {
        const seen = behind(link);
        if (seen.functional === undefined) {
          expect(seen.lostIn?.functional).toBe(called(link));
          if (uphill(link)) {
            const whole = chain(link, functionalSam(0.1));
            expect(() => whole.update(gradient, whole.init(at()), at(), batchOf(XS))).toThrow(
              `functionalSam needs the derivative of what comes before it in the chain, and ${called(link)} has none`,
            );
          }
          return;
        }
        const [w, batch, epsilon] = [at(), batchOf(XS), direction()];
        const { cotangent = null, grads } = seen(w, batch);
        const found = seen.functional(applyUpdates(w, epsilon), batch, cotangent);
        // The definition: the link itself, over a gradient function whose Jacobian is that of another point.
        const moved: Seen = (params, examples) => {
          const evaluation = gradient(params, examples);
          return {
            ...evaluation,
            grads: gradient.functional(plus(params, epsilon), examples, evaluation.cotangent ?? null),
          };
        };
        const [, state] = link.update(gradient, link.init(w), w, batch);
        expectNear(numbers(found), numbers(link.update(moved, state, w, batch)[0].grads), 2e-6);
        expect(bits(seen.functional(w, batch, cotangent))).toEqual(bits(grads));
      });
    },
  );
});

const isLink = (value: unknown): value is Link => typeof Object(value).update === 'function';

/** The arguments of a call with `needy` in the place of the first link in them, and nothing in that of the others. */
function replaced(args: unknown, needy: Link): unknown {
  let next: Link = needy;
  const walk = (value: unknown): unknown => {
    if (isLink(value)) {
      const link = next;
      next = chain();
      return link;
    }
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, walk(child)]));
  };
  return walk(args);
}

const wrappers = Object.entries(registry).flatMap(([name, links]) =>
  links.flatMap(({ made }, i) =>
    made?.name === name && JSON.stringify(made.args)?.includes('"gradientCost"')
      ? [{ wrapper: `${name} (${i + 1})`, name, args: made.args }]
      : [],
  ),
);

/** Wrappers that refuse what climbs. */
const ofOptimizers = new Set(['decoupledWsam', 'lookahead', 'muon', 'sampa', 'scheduleFree']);

describe('a link around others', () => {
  test('is one of these', () => {
    expect([...new Set(wrappers.map(({ name }) => name))]).toEqual(
      expect.arrayContaining(
        'chain decoupledWsam freeze interval lookahead masked partition skipNonFinite withClean'.split(' '),
      ),
    );
  });

  test.each(wrappers)('takes links that ask for derivatives, or says that it has none: $wrapper', ({ name, args }) => {
    for (const asking of [samTransform(0.1, 2, { order: 2 }), functionalSam(0.1)])
      tf.tidy(() => {
        const needy = ofOptimizers.has(name) ? chain(asking, scale(-0.1)) : asking;
        const link: Link = Reflect.get(transforms, name)(...(replaced(args, needy) as readonly unknown[]));
        const run = () => {
          let state = link.init(at());
          for (let step = 0; step < 6; step++) {
            const [{ grads }, next] = link.update(gradient, state, at(), batchOf(XS));
            expect(numbers(grads).every(Number.isFinite)).toBe(true);
            state = next;
          }
        };
        if (name === 'sampa') expect(run).toThrow('sampa has none');
        else if (name === 'samTransform') expect(run).toThrow('ascent must be a link without a state');
        else run();
      });
  });
});
