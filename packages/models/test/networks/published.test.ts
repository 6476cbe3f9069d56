import { useBackend } from '@steppe/backends';
import { key } from '@steppe/random';
import { leaves, type Tree, writeSafetensors } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cifarResNet,
  loadSafetensors,
  type Model,
  pyramidNet,
  resNet,
  resNetNames,
  shakeShake,
  softmaxCrossEntropy,
} from '../../src/index.ts';
import fixtures from '../fixtures/networks.json' with { type: 'json' };
import { byPath, noise, values } from '../support/formula.ts';
import { gradient } from '../support/gradient.ts';

type Shape = readonly [height: number, width: number, channels: number];
type Logits = readonly (readonly number[])[];
type Fixture = {
  readonly evaluation: Logits;
  readonly training: Logits;
  readonly gradients: { readonly [path: string]: number };
};

const random = key(5);
const labels = tf.tensor1d([0, 2, 1, 2], 'int32');
const batch = ([height, width, channels]: Shape): tf.Tensor4D => {
  const count = 4 * height * width * channels;
  return values('images', [count], 1).reshape([4, height, width, channels]);
};

function expectLogits(given: tf.Tensor2D, wanted: Logits): void {
  for (const [n, row] of given.arraySync().entries())
    for (const [c, logit] of row.entries()) expect(logit).toBeCloseTo(wanted[n]?.[c] ?? Number.NaN, 4);
}

beforeAll(async () => void (await useBackend('wasm')));
afterAll(async () => void (await tf.setBackend('cpu')));

describe.each([10, 14] as const)('ResNet-%i with weights by torchvision’s names', (depth) => {
  test('gives torchvision’s logits, in evaluation and in training', async () => {
    const model = resNet({ depth, classes: 3, width: 4, stem: 'imagenet' });
    const [names, start] = [resNetNames({ depth }), model.init(key(0), [33, 40, 2])];
    const leavesOf = { params: leaves(start.params), state: leaves(start.state) };
    const file = await writeSafetensors(
      Object.fromEntries(
        names.map(({ name, path, of }) => {
          const { shape } = leavesOf[of].find((each) => each.path === path)?.leaf ?? tf.scalar(0);
          const [height = 1, width = 1, into = 1, out = 1] = shape;
          if (shape.length === 4) return [name, values(name, [out, into, height, width], out * height * width)];
          return [name, values(name, shape.toReversed(), 1)];
        }),
      ),
    );
    const { params, state } = await loadSafetensors(file, names, start);
    const fixture = fixtures[`resNet-${depth}`];
    const x = batch([33, 40, 2]);
    expectLogits(model.apply(params, state, x, { training: false })[0], fixture.evaluation);
    expectLogits(model.apply(params, state, x, { training: true })[0], fixture.training);
  });
});

function compare<P extends Tree, S extends Tree>(model: Model<P, S>, shape: Shape, fixture: Fixture): void {
  const start = model.init(key(0), shape);
  const [params, state, x] = [byPath(start.params), byPath(start.state), batch(shape)];
  expectLogits(model.apply(params, state, x, { training: false })[0], fixture.evaluation);
  expectLogits(model.apply(params, state, x, { training: true, key: random })[0], fixture.training);
  const loss = (w: P) => softmaxCrossEntropy(model.apply(w, state, x, { training: true, key: random })[0], labels);
  const along = Object.fromEntries(
    leaves(gradient(loss, params).grads).map(({ path, leaf }) => {
      const direction = noise(`${path}~`, leaf.size);
      return [path, Array.from(leaf.dataSync()).reduce((sum, g, i) => sum + g * (direction[i] as number), 0)];
    }),
  );
  expect(Object.keys(along).sort()).toEqual(Object.keys(fixture.gradients).sort());
  for (const [path, wanted] of Object.entries(fixture.gradients))
    expect(Math.abs((along[path] ?? Number.NaN) - wanted), path).toBeLessThan(1e-4 + 1e-3 * Math.abs(wanted));
}

const classes = 3;

describe('logits and gradients are those of a second implementation, in PyTorch', () => {
  test('of the ResNet for CIFAR', () => {
    compare(cifarResNet({ depth: 14, width: 4, classes }), [9, 8, 2], fixtures.cifarResNet);
  });

  test('of Shake-Shake, with the same α and β', () => {
    compare(shakeShake({ depth: 14, width: 4, classes }), [9, 8, 2], fixtures.shakeShake);
  });

  test('of PyramidNet', () => {
    compare(pyramidNet({ depth: 14, alpha: 10, classes }), [8, 8, 2], fixtures.pyramidNet);
  });

  test('of PyramidNet with bottlenecks', () => {
    const model = pyramidNet({ depth: 11, alpha: 10, classes, bottleneck: true });
    compare(model, [8, 8, 2], fixtures['pyramidNet with bottlenecks']);
  });

  test('of PyramidNet with ShakeDrop, with the same draws', () => {
    const model = pyramidNet({ depth: 11, alpha: 10, classes, bottleneck: true, shakeDrop: 0.5 });
    compare(model, [9, 7, 2], fixtures['pyramidNet with ShakeDrop']);
  });
});
