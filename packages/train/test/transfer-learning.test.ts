import { valueAndGrad } from '@steppe/autograd';
import { softmaxCrossEntropy, type WideResNetParams, type WideResNetState, wideResNet } from '@steppe/models';
import { type Key, key } from '@steppe/random';
import {
  addDecayedWeights,
  byGroup,
  chain,
  esam,
  freeze,
  momentum,
  partition,
  type StepBatch,
  samTransform,
  sgd,
} from '@steppe/transforms';
import { dispose, leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { trainStep } from '../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

type Images = { readonly images: tf.Tensor4D; readonly labels: tf.Tensor1D };
const model = wideResNet({ depth: 10, width: 1, classes: 3, dropout: 0 });
const images = (): Images => ({
  images: tf.randomNormal([4, 8, 8, 1], 0, 1, 'float32', 1),
  labels: tf.tensor1d([0, 2, 1, 2], 'int32'),
});

const isBackbone = (path: string) => path.startsWith('.stem') || path.startsWith('.groups');
const isHead = (path: string) => path.startsWith('.dense');
const isNorm = (path: string) => path.startsWith('.norm');
const numbersOf = (tree: Tree, select: (path: string) => boolean) =>
  leaves(tree).flatMap(({ path, leaf }) => (select(path) ? [...leaf.dataSync()] : []));

describe('transfer learning', () => {
  test('holds a backbone whose gradients are NaN, trains the head by SAM with its own rate and decay, and norms without both', () => {
    let passes = 0;
    const loss = (params: WideResNetParams, state: WideResNetState, batch: Images, dropout: Key) => {
      passes += 1;
      const [logits, next] = model.apply(params, state, batch.images, { training: true, key: dropout });
      // Zero, with the derivative ∞·0 by the backbone's first weights.
      const broken = tf.sqrt(tf.sum(tf.square(tf.sub(params.stem.kernel, params.stem.kernel))));
      return [
        tf.add<tf.Scalar>(softmaxCrossEntropy(logits, batch.labels), broken),
        { state: next, metrics: {} },
      ] as const;
    };
    const optimizer = freeze(
      isBackbone,
      chain(
        samTransform(byGroup({ head: { select: isHead, rho: 0.05 }, norms: { select: isNorm, rho: 0 } })),
        partition({
          head: { select: isHead, link: chain(addDecayedWeights(0.01), momentum(0.5)) },
          norms: { select: isNorm, link: sgd(0.01) },
        }),
      ),
    );
    const step = trainStep(loss, optimizer);
    const [{ params, state }, batch] = [model.init(key(3), [8, 8, 1]), images()];
    const { grads, value } = valueAndGrad((w: WideResNetParams) => loss(w, state, batch, key(0))[0])(params, null);
    expect(numbersOf(grads, isBackbone).some(Number.isNaN)).toBe(true);
    expect(numbersOf(grads, isHead).every(Number.isFinite)).toBe(true);
    dispose(grads, value);
    passes = 0;
    let position = step.start(params, state, key(0));
    const losses: number[] = [];
    for (let i = 0; i < 4; i++) {
      const next = step.update(position, batch);
      losses.push(next.report.loss.arraySync());
      expect(next.report.report['rho.norms']?.arraySync()).toBe(0);
      expect(next.report.report['epsilonHatNorm.head']?.arraySync()).toBeCloseTo(0.05, 6);
      dispose(position, next.report);
      position = next.position;
    }
    expect([passes, step.gradientCost]).toEqual([8, 2]);
    expect(numbersOf(position.params, isBackbone)).toEqual(numbersOf(params, isBackbone));
    for (const select of [isHead, isNorm])
      expect(numbersOf(position.params, select)).not.toEqual(numbersOf(params, select));
    expect(numbersOf(position, () => true).every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
    dispose(params, state, batch, position);
  });

  test("has sharp examples chosen by the whole network's loss, of which a part is trained", () => {
    type Params = { readonly backbone: tf.Tensor; readonly head: tf.Tensor };
    type Rows = { readonly x: tf.Tensor1D; readonly y: tf.Tensor1D };
    const exampleLoss = ({ backbone, head }: Params, { batch: { x, y } }: StepBatch<Rows, null>) =>
      tf.square(tf.sub(tf.mul(tf.mul(backbone, head), x), y)) as tf.Tensor1D;
    const loss = ({ backbone, head }: Params, state: null, { x, y }: Rows) =>
      [tf.mean<tf.Scalar>(tf.square(tf.sub(tf.mul(tf.mul(backbone, head), x), y))), { state, metrics: {} }] as const;
    const sharpest = chain(esam(0.01, { exampleLoss, gamma: 0.5 }), sgd(0.02));
    const step = trainStep(
      loss,
      freeze((path) => path === '.backbone', sharpest),
    );
    const batch = { x: tf.tensor1d([1, 2]), y: tf.tensor1d([6, 12]) };
    const params = { backbone: tf.scalar(2), head: tf.scalar(0) };
    let position = step.start(params, null, key(0));
    for (let i = 0; i < 30; i++) {
      const next = step.update(position, batch);
      dispose(position, next.report);
      position = next.position;
    }
    expect(position.params.backbone.arraySync()).toBe(2);
    expect(position.params.head.dataSync()[0]).toBeCloseTo(3, 1);
    dispose(params, batch, position);
  });
});

test('a run does not start from one embedding in two places, and trains one that the loss uses twice', () => {
  const embedding = tf.tensor2d([
    [1, 0],
    [0.5, 2],
  ]);
  const scores = (input: tf.Tensor2D, output: tf.Tensor2D, x: tf.Tensor2D) =>
    tf.mean<tf.Scalar>(tf.square(tf.sub(tf.matMul(tf.matMul(x, input), output, false, true), x)));
  const apart = trainStep(
    ({ input, output }: { readonly input: tf.Tensor2D; readonly output: tf.Tensor2D }, state: null, x: tf.Tensor2D) =>
      [scores(input, output, x), { state, metrics: {} }] as const,
    sgd(0.1),
  );
  const before = tf.memory().numTensors;
  expect(() => apart.start({ input: embedding, output: embedding }, null, key(0))).toThrow(
    'One tensor stands at ".input" and ".output": keep one and use it twice in the loss, or make the other a tf.clone.',
  );
  expect(tf.memory().numTensors).toBe(before);

  const tied = trainStep(
    (both: tf.Tensor2D, state: null, x: tf.Tensor2D) => [scores(both, both, x), { state, metrics: {} }] as const,
    sgd(0.1),
  );
  const x = tf.eye(2) as tf.Tensor2D;
  const position = tied.start(embedding, null, key(0));
  const next = tied.update(position, x);
  // ∇‖EEᵀ - 1‖²/4 = (EEᵀ - 1)E, the sum of both uses.
  const [a, b, c, d] = [...embedding.dataSync()] as [number, number, number, number];
  const [p, q, r] = [a * a + b * b - 1, a * c + b * d, c * c + d * d - 1];
  const slope = [p * a + q * c, p * b + q * d, q * a + r * c, q * b + r * d];
  for (const [i, u] of [...next.position.params.dataSync()].entries())
    expect(u).toBeCloseTo(([a, b, c, d][i] ?? 0) - 0.1 * (slope[i] ?? 0), 5);
  dispose(embedding, x, position, next);
});
