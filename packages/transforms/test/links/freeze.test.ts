import { valueAndGrad } from '@steppe/autograd';
import { dispose, map, pure, sum, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adamw,
  addDecayedWeights,
  applyUpdates,
  averageWeights,
  chain,
  clipByGlobalNorm,
  esam,
  freeze,
  type GradientFn,
  type GradientTransformation,
  lookahead,
  masked,
  microBatch,
  momentum,
  partition,
  samTransform,
  sgd,
  skipNonFinite,
  textOf,
  trace,
} from '../../src/index.ts';
import { merge, only } from '../../src/links/select.ts';
import { type Batch, batchOf, gradient } from '../support/gradients.ts';
import { instances, secondOrder } from '../support/registry.ts';
import { bits, corners, flatBits, numbers, type Plan, plans, plant, rich } from '../support/trees.ts';
import { expectEach } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

type Link = GradientTransformation<Tree, Batch>;
type Gradient = GradientFn<Tree, Batch, Tree>;

const XS = [0.5, -1, 2, 0.25, 1.25];
const isFrozen = (path: string) => path.length % 3 === 0;
const isTrained = (path: string) => !isFrozen(path);

/** A loss in which every leaf feels every other: L(w) = the one of the other laws + ½(Σ w)². */
function coupled(w: Tree, batch: Batch) {
  return pure(() => {
    const { value, grads, aux, cotangent = null } = gradient(w, batch);
    const total = sum(w);
    return {
      value: tf.add<tf.Scalar>(value, tf.mul(tf.square(total), 0.5)),
      grads: map(grads, (g) => tf.add(g, total)),
      aux,
      // Σ w is an output too, of which the loss takes half the square.
      cotangent: { own: cotangent, total },
    };
  });
}
const coupledProduct = (w: Tree, batch: Batch, v: Tree) =>
  pure(() => {
    const along = sum(v);
    return map(gradient.hvp(w, batch, v), (x) => tf.add(x, along));
  });
const coupledFunctional = (w: Tree, batch: Batch, cotangent: Tree) =>
  pure(() => {
    const { own, total } = cotangent as { readonly own: Tree; readonly total: tf.Scalar };
    return map(gradient.functional(w, batch, own), (x) => tf.add(x, total));
  });

/** The loss with gradients of the frozen leaves that are NaN. */
const whole: Gradient = Object.assign(
  (w: Tree, batch: Batch) => {
    const evaluation = coupled(w, batch);
    return { ...evaluation, grads: map(evaluation.grads, (g, path) => (isFrozen(path) ? tf.mul(g, Number.NaN) : g)) };
  },
  { hvp: coupledProduct, functional: coupledFunctional },
);

/** The loss of the trained leaves alone: the frozen ones are constants in it. */
function withConstants(constants: Tree): Gradient {
  const evaluate = (w: Tree, batch: Batch) => {
    const evaluation = coupled(merge(constants, w), batch);
    return { ...evaluation, grads: only(evaluation.grads, isTrained) };
  };
  const hvp = (w: Tree, batch: Batch, v: Tree) => {
    const zeros = map(constants, (leaf) => tf.zerosLike(leaf));
    return only(coupledProduct(merge(constants, w), batch, merge(zeros, v)), isTrained);
  };
  const functional = (w: Tree, batch: Batch, cotangent: Tree) =>
    only(coupledFunctional(merge(constants, w), batch, cotangent), isTrained);
  return Object.assign(evaluate, { hvp, functional });
}

/** All that comes out of three steps, and the updates of the leaves that `select` chooses. */
function run(link: Link, of: Gradient, start: Tree, batch: Batch, select: (path: string) => boolean) {
  let [w, state] = [start, link.init(start)];
  return [0, 1, 2].map(() => {
    const [{ grads, value, aux, report }, next] = link.update(of, state, w, batch);
    [w, state] = [applyUpdates(w, grads), next];
    const frozen = numbers(only(grads, isFrozen));
    return { seen: [bits([only(grads, select), value, aux, report ?? {}]), flatBits(state)], frozen };
  });
}

/** A link that chooses leaves refuses a tree that has none of them. */
function takes(link: Link, tree: Tree): boolean {
  try {
    link.init(tree);
    return true;
  } catch (error) {
    if (!(error as Error).message.includes('chooses no leaf')) throw error;
    return false;
  }
}

describe('freeze', () => {
  test.each([...instances, ...secondOrder.map((link, i) => ({ name: `of order 2 (${i + 1})`, link }))])(
    'around $name is the same on the tree without the frozen leaves, bit for bit, whose gradients may be NaN',
    ({ link }) => {
      let compared = 0;
      const check = (plan: Plan) =>
        tf.tidy(() => {
          const [w, batch] = [plant(plan), batchOf(XS)];
          const rest = only(w, isTrained);
          if (!takes(freeze(isFrozen, link), w) || !takes(link, rest)) return;
          const expected = run(link, withConstants(w), rest, batch, () => true);
          const actual = run(freeze(isFrozen, link), whole, w, batch, isTrained);
          expect(actual.map(({ seen }) => seen)).toEqual(expected.map(({ seen }) => seen));
          for (const { frozen } of actual) expect(frozen).toEqual(frozen.map(() => 0));
          compared += 1;
        });
      fc.assert(fc.property(plans(), check), {
        examples: corners.map((plan): [Plan] => [plan]),
        numRuns: corners.length + 3,
        seed: 11,
      });
      expect(compared).toBeGreaterThan(0);
    },
  );

  type Network = {
    readonly backbone: { readonly kernel: tf.Tensor; readonly unused: tf.Tensor };
    readonly head: tf.Tensor;
  };
  const network = (): Network => ({
    backbone: { kernel: tf.tensor1d([0, 2]), unused: tf.scalar(3) },
    head: tf.tensor1d([1, -2]),
  });
  const isBackbone = (path: string) => path.startsWith('.backbone');
  /** The derivative of √ at 0 is infinite, and 0·∞ is NaN. */
  const loss = ({ backbone, head }: Network, x: tf.Tensor) =>
    tf.mean<tf.Scalar>(tf.square(tf.mul(x, tf.add(head, tf.sqrt(tf.mul(backbone.kernel, backbone.kernel))))));

  test('trains a head on a backbone whose gradients are NaN, by SAM and decay, and leaves the backbone as it is', () => {
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const optimizers: GradientTransformation<Tree>[] = [
      freeze(isBackbone, chain(samTransform(0.05), clipByGlobalNorm(1), adamw(0.1, 0.1))),
      skipNonFinite(freeze(isBackbone, chain(samTransform(0.05), adamw(0.1, 0.1)))),
      freeze(isBackbone, skipNonFinite(chain(samTransform(0.05), adamw(0.1, 0.1)))),
      lookahead(freeze(isBackbone, chain(samTransform(0.05), adamw(0.1, 0.1))), 2),
      chain(freeze(isBackbone), samTransform(0.05), sgd(0.1)),
      chain(freeze(isBackbone, samTransform(0.05)), microBatch(1), sgd(0.1)),
      chain(microBatch(1), freeze(isBackbone, chain(samTransform(0.05), sgd(0.1)))),
      freeze(isBackbone, chain(samTransform(0.05, 2, { order: 2 }), microBatch(1), sgd(0.1))),
      chain(freeze(isBackbone), samTransform(0.05, 2, { order: 2 }), sgd(0.1)),
    ];
    for (const optimizer of optimizers)
      tf.tidy(() => {
        let [w, state] = [network(), optimizer.init(network())];
        const of = valueAndGrad(loss);
        expect(numbers(of(w, x).grads.backbone)[0]).toBeNaN();
        const first = loss(w, x).arraySync();
        for (let step = 0; step < 3; step++) {
          const [{ grads }, next] = optimizer.update(of, state, w, x);
          expect(numbers(grads.backbone).map(Math.abs)).toEqual([0, 0, 0]); // a learning rate makes -0 of 0
          [w, state] = [applyUpdates(w, grads), next];
        }
        expect(numbers(w.backbone)).toEqual([0, 2, 3]);
        expect(loss(w, x).arraySync()).toBeLessThan(first);
        expect(numbers(state).every(Number.isFinite)).toBe(true);
      });
    x.dispose();
  });

  test('is one option: SAM takes the frozen leaves out of its norm and does not move them', () => {
    tf.tidy(() => {
      const points: number[][] = [];
      const of = (w: Tree) => {
        points.push(numbers(w));
        return { value: tf.scalar(0), grads: w, aux: null };
      };
      const w = { backbone: tf.tensor1d([12, 0]), head: tf.tensor1d([3, 4]) };
      for (const link of [freeze(isBackbone, samTransform(5)), chain(freeze(isBackbone), samTransform(5))]) {
        const [{ grads, report }] = link.update(of, link.init(w) as never, w, null);
        expectEach(points.pop() ?? [], [12, 0, 6, 8]);
        expectEach(numbers(report?.gradientNorm ?? null), [5]);
        expectEach(numbers(grads), [0, 0, 6, 8]);
      }
    });
  });

  test('of order 2 in front of SAM is the same as around it', () => {
    tf.tidy(() => {
      const [w, batch] = [plant(rich), batchOf(XS)];
      const of: Gradient = Object.assign(coupled, { hvp: coupledProduct });
      for (const options of [{ order: 2 as const }, { order: 2 as const, adaptive: { eta: 0.1 } }]) {
        const sam = samTransform(0.5, 3, options);
        const inFront = chain(freeze(isFrozen), sam);
        const around = freeze(isFrozen, sam);
        const first = inFront.update(of, inFront.init(w), w, batch)[0].grads;
        const second = around.update(of, around.init(w), w, batch)[0].grads;
        expectEach(numbers(first), numbers(second));
      }
    });
  });

  test('makes no moments for the frozen leaves, and an average of all where it stands behind', () => {
    tf.tidy(() => {
      const w = network();
      const [velocity] = freeze(isBackbone, chain(trace(0.9))).init(w);
      expect(numbers(velocity)).toEqual([0, 0]);
      const optimizer = chain(freeze(isBackbone, sgd(0.1)), averageWeights());
      const [, [, { average }]] = optimizer.update(valueAndGrad(loss), optimizer.init(w), w, tf.ones([1, 2]));
      expect(bits(average).map((leaf) => leaf.split(' ')[0])).toEqual(bits(w).map((leaf) => leaf.split(' ')[0]));
    });
  });

  test('is not masked, and behind it a decay goes on: the order is the algorithm', () => {
    tf.tidy(() => {
      const w = { backbone: tf.scalar(10), head: tf.scalar(1) };
      const of = () => ({ value: tf.scalar(0), grads: { backbone: tf.scalar(2), head: tf.scalar(2) }, aux: null });
      const grads = (link: GradientTransformation<Tree>) => numbers(link.update(of, link.init(w), w, null)[0].grads);
      expectEach(grads(freeze(isBackbone, chain(addDecayedWeights(0.5), sgd(1)))), [0, -2.5]);
      expectEach(grads(chain(freeze(isBackbone), addDecayedWeights(0.5), sgd(1))), [-5, -2.5]);
      expectEach(grads(masked(chain(addDecayedWeights(0.5), sgd(1)), (path) => !isBackbone(path))), [2, -2.5]);
    });
  });

  test('holds one group of a partition, or another choice inside another', () => {
    tf.tidy(() => {
      const w = { a: tf.scalar(1), b: tf.scalar(2), c: tf.scalar(3) };
      const of = () => ({
        value: tf.scalar(0),
        grads: { a: tf.scalar(Number.NaN), b: tf.scalar(5), c: tf.scalar(7) },
        aux: null,
      });
      const grads = (link: GradientTransformation<Tree>) => numbers(link.update(of, link.init(w), w, null)[0].grads);
      const is = (name: string) => (path: string) => path === name;
      expect(
        grads(
          partition({
            frozen: { select: is('.a'), link: freeze(() => true) },
            rest: { select: (path) => path !== '.a', link: momentum(1) },
          }),
        ),
      ).toEqual([0, -5, -7]);
      expect(grads(freeze(is('.a'), skipNonFinite(freeze(is('.b'), sgd(1)))))).toEqual([0, 0, -7]);
      expect(grads(skipNonFinite(freeze(is('.a'), freeze(is('.b'), sgd(1)))))).toEqual([0, 0, -7]);
    });
  });

  test("gives a link's own loss the whole parameters, wherever the link stands in it", () => {
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2, 3, 4]);
      type W = { readonly a: tf.Tensor; readonly b: tf.Tensor };
      const exampleLoss = ({ a, b }: W, xs: tf.Tensor) => tf.square(tf.sub(tf.mul(a, xs), b)) as tf.Tensor1D;
      const of = valueAndGrad((w: W, xs: tf.Tensor) => tf.mean(exampleLoss(w, xs)));
      const w: W = { a: tf.scalar(1), b: tf.scalar(0.5) };
      const sharpest = () => esam(0.1, { exampleLoss, beta: 1, gamma: 0.5 });
      const isA = (path: string) => path === '.a';
      const links: GradientTransformation<Tree, tf.Tensor>[] = [
        freeze(isA, sharpest()),
        freeze(isA, chain(trace(0.5), sharpest())),
        freeze(isA, chain(chain(), sharpest(), microBatch(4))),
        masked(sharpest(), (path) => !isA(path)),
        partition({ a: { select: isA, link: freeze(isA) }, b: { select: (path) => !isA(path), link: sharpest() } }),
      ];
      // dL/db = -2(ax - b), at b = 0.5 - 0.1 on the two largest examples: the residual there grows most.
      for (const link of links)
        expectEach(numbers(link.update(of, link.init(w), w, x)[0].grads).slice(1), [-2 * (3.5 - 0.4)]);
    });
  });

  test('refuses a choice of no leaf, and of all when there is a link, with the paths that there are', () => {
    const w = { a: tf.scalar(1) };
    expect(() => freeze((path) => path === 'a').init(w)).toThrow(
      'freeze chooses no leaf of the parameters, whose paths are ".a".',
    );
    expect(() => freeze(() => true, sgd(0.1)).init(w)).toThrow(
      'What freeze leaves to its link chooses no leaf of the parameters, whose paths are ".a".',
    );
    expect(() => freeze('.a' as never)).toThrow('select must be a function');
    expect(() => freeze(() => true, sgd as never)).toThrow('link must be a transformation');
    dispose(w);
  });

  test('costs what its link costs, says so, and writes itself down', () => {
    const link = freeze(isBackbone, chain(samTransform(0.05), sgd(0.1)));
    expect(link.gradientCost).toBe(2);
    expect(textOf(link)).toBe('freeze(…, chain(samTransform(0.05, 2), chain(scale(-0.1))))');
    expect(() => chain(link, samTransform(0.1))).toThrow('samTransform would step downhill behind freeze');
  });
});
