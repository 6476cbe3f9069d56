import { dispose, leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { applyUpdates, chain, constant, gradientsOver, samTransform } from '../../src/index.ts';
import { type Aux, type Batch, batchOf, counting, gradient } from './gradients.ts';
import { type Instance, type Link, secondOrder } from './registry.ts';
import { bits, corners, flatBits, type Plan, plans, plant, withTree } from './trees.ts';

const XS = [0.5, -1, 2, 0.25, 1.25];

/** Whether a link takes a tree: one of chosen leaves refuses a tree that has none of them. */
function takes(link: Link, plan: Plan): boolean {
  return tf.tidy(() => {
    try {
      link.init(plant(plan));
      return true;
    } catch (error) {
      if (!(error as Error).message.includes('chooses no leaf of the parameters')) throw error;
      return false;
    }
  });
}

/** Checks a property on the corner cases and on a few drawn trees that a link takes: the instances are many. */
function everyTree(link: Link, check: (plan: Plan) => void): void {
  const checkTaken = (plan: Plan) => {
    if (takes(link, plan)) check(plan);
  };
  fc.assert(fc.property(plans(), checkTaken), {
    examples: corners.map((plan): [Plan] => [plan]),
    numRuns: corners.length + 3,
  });
}

/** A tree with everything in it. */
const rich = corners[3] as Plan;

type Seen = Record<'evaluation' | 'report' | 'state', readonly string[]>;

/** The bits of all that comes out of some updates in a row; more than one, so that states that are not initial count
 * too. */
function run(link: Link, params: Tree, batch: Batch, steps = 2): readonly Seen[] {
  const seen: Seen[] = [];
  tf.tidy(() => {
    let [w, state] = [params, link.init(params)];
    for (let step = 0; step < steps; step++) {
      const [{ grads, value, aux, report }, next] = link.update(gradient, state, w, batch);
      seen.push({ evaluation: bits([grads, value, aux]), report: bits(report), state: flatBits(next) });
      [w, state] = [applyUpdates(w, grads), next];
    }
  });
  return seen;
}

function laws(link: Link, order: 1 | 2): void {
  test('gives the same bits twice, keeps its inputs, and leaves nothing but results that are its own', () => {
    const batch = batchOf(XS);
    everyTree(link, (plan) => {
      const params = plant(plan);
      const before = tf.memory().numTensors;
      const state = link.init(params);
      const inputs = [params, batch, state];
      const snapshot = bits(inputs);

      const results = link.update(gradient, state, params, batch);
      const again = link.update(gradient, state, params, batch);
      expect(bits(again)).toEqual(bits(results));
      expect(bits(inputs)).toEqual(snapshot);

      const ids = leaves([...inputs, results, again, link.init(params)]).map(({ leaf }) => leaf.id);
      const known = new Set(ids).size;
      expect(tf.memory().numTensors - before).toBe(known - leaves([params, batch]).length);
      expect(known).toBe(ids.length);

      dispose(results, state, again, params);
    });
    dispose(batch);
  });

  test('gives gradients with the structure of the parameters', () => {
    const batch = batchOf(XS);
    const shapeOf = (tree: Tree) => leaves(tree).map(({ path, leaf }) => `${path} [${leaf.shape}] ${leaf.dtype}`);
    everyTree(link, (plan) =>
      withTree(plan, (params) => {
        const [{ grads }] = link.update(gradient, link.init(params), params, batch);
        expect(shapeOf(grads)).toEqual(shapeOf(params));
        expect(JSON.stringify(grads, structureOnly)).toBe(JSON.stringify(params, structureOnly));
      }),
    );
    dispose(batch);
  });

  test('is itself in a chain, and beside the empty chain', () => {
    const batch = batchOf(XS);
    withTree(rich, (params) => {
      const alone = run(link, params, batch);
      for (const same of [chain(chain(), link), chain(chain(link), chain())])
        expect(run(same, params, batch)).toEqual(alone);
    });
    dispose(batch);
  });

  test('is unchanged by SAM of radius 0 on either side, bit for bit', () => {
    const batch = batchOf(XS);
    const evaluations = (of: Link, params: Tree) => run(of, params, batch, 1).map(({ evaluation }) => evaluation);
    withTree(rich, (params) => {
      const alone = evaluations(link, params);
      // A link that needs the Hessian refuses to stand behind one that has no derivative.
      const before = order === 1 ? [chain(samTransform(0), link)] : [];
      const behind = () => chain(link, samTransform(constant(0)));
      for (const same of link.sign === -1 ? before : [...before, behind()])
        expect(evaluations(same, params)).toEqual(alone);
      if (link.sign === -1) expect(behind).toThrow('samTransform would step downhill behind');
    });
    dispose(batch);
  });

  test('costs as many gradients of the batch at each step as it says, and its mean in a long run', () => {
    const batch = batchOf(XS);
    withTree(rich, (params) => {
      const counted = counting<Tree, Batch, Aux>(gradient);
      let state = link.init(params);
      // Every period in the registry divides 6.
      for (let step = 1; step <= (link.costAt ? 6 : 2); step++) {
        state = link.update(counted.gradient, state, params, batch)[1];
        expect(counted.examples() / XS.length).toBeCloseTo(gradientsOver(link, step), 9);
      }
    });
    // Near, not equal: what begins late or ends early costs a little more or less.
    expect(gradientsOver(link, 6000) / 6000).toBeCloseTo(link.gradientCost, 2);
    dispose(batch);
  });

  test('reads nothing back from the device', () => {
    const batch = batchOf(XS);
    withTree(rich, (params) => {
      const [reads, readsLater] = [vi.spyOn(tf.engine(), 'readSync'), vi.spyOn(tf.engine(), 'read')];
      try {
        const [, state] = link.update(gradient, link.init(params), params, batch);
        link.update(gradient, state, params, batch);
        expect(reads).not.toHaveBeenCalled();
        expect(readsLater).not.toHaveBeenCalled();
      } finally {
        reads.mockRestore();
        readsLater.mockRestore();
      }
    });
    dispose(batch);
  });

  test('leaves nothing when the gradient function throws, at its first or at its last call', () => {
    const batch = batchOf(XS);
    withTree(rich, (params) => {
      const state = link.init(params);
      let calls = 0;
      const failingAt = (bad: number) =>
        Object.assign(
          (w: Tree, examples: Batch) => {
            calls += 1;
            if (calls === bad) throw new Error('no gradient here');
            return gradient(w, examples);
          },
          { hvp: gradient.hvp },
        );
      link.update(failingAt(0), state, params, batch);
      const before = tf.memory().numTensors;
      for (const bad of [1, calls]) {
        calls = 0;
        expect(() => link.update(failingAt(bad), state, params, batch)).toThrow('no gradient here');
        expect(tf.memory().numTensors).toBe(before);
      }
    });
    dispose(batch);
  });

  test('refuses at init parameters in which one tensor stands twice, which steps would part', () => {
    const tied = tf.ones([2]);
    const before = tf.memory().numTensors;
    const params = { layers: [{ kernel: tied }, { bias: tied }], head: [tied, tied] };
    expect(() => link.init(params)).toThrow('One tensor stands at ".layers[0].kernel" and ".layers[1].bias": keep one');
    expect(tf.memory().numTensors).toBe(before);
    dispose(tied);
  });

  test('leaks nothing in a loop', () => {
    const batch = batchOf(XS);
    let params = plant(rich);
    let state = link.init(params);
    const before = tf.memory().numTensors;
    for (let step = 0; step < 4; step++) {
      const [evaluation, next] = link.update(gradient, state, params, batch);
      const moved = applyUpdates(params, evaluation.grads);
      dispose(evaluation, state, params);
      [params, state] = [moved, next];
    }
    expect(tf.memory().numTensors).toBe(before);
    dispose(params, state, batch);
  });
}

/** Prints a tree with its plain data and without its tensors. */
const structureOnly = (_: string, value: unknown) => (value instanceof tf.Tensor ? 'tensor' : value);

/** All laws of design.md, section 4, over instances of every exported transformation, on the current backend. */
export function describeLaws(instances: readonly Instance[], numRuns: number): void {
  for (const { name, link } of instances) describe(name, () => laws(link, 1));
  for (const [i, link] of secondOrder.entries()) describe(`of order 2 (${i + 1})`, () => laws(link, 2));

  test('chains are associative: chain(a, chain(b, c)) = chain(chain(a, b), c) = chain(a, b, c)', () => {
    const batch = batchOf(XS);
    const any = fc.constantFrom(...instances);
    fc.assert(
      fc.property(plans(), any, any, any, (plan, { link: a }, { link: b }, { link: c }) =>
        withTree(plan, (params) => {
          // A link that moves along the gradient is refused behind one that turns it around, and some trees by links of
          // chosen leaves.
          fc.pre(a.sign !== -1 && b.sign !== -1 && [a, b, c].every((link) => takes(link, plan)));
          const flat = run(chain(a, b, c), params, batch);
          expect(run(chain(a, chain(b, c)), params, batch)).toEqual(flat);
          expect(run(chain(chain(a, b), c), params, batch)).toEqual(flat);
        }),
      ),
      { numRuns },
    );
    dispose(batch);
  });
}
