import { key } from '@steppe/random';
import { trainStep } from '@steppe/train';
import * as transforms from '@steppe/transforms';
import {
  adam,
  addDecayedWeights,
  applyUpdates,
  chain,
  firstExamples,
  freeze,
  functionalSam,
  type GradientTransformation,
  masked,
  microBatch,
  momentum,
  sam,
  samTransform,
  sgd,
} from '@steppe/transforms';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { fit, forget, fromLayersModel, layersLoss, toOptimizer } from '../src/index.ts';
import { architectures, copiesOf, noise } from './support/architectures.ts';
import { numbers, weightsOf } from './support/models.ts';
import { eachTestAlike } from './support/same-chance.ts';

eachTestAlike();

const { layers } = tf;
const { dense } = layers;
const loss = 'meanSquaredError';
const [x, y] = [() => noise(1, 4, 3), () => noise(2, 4, 1)];
const args = { epochs: 1, batchSize: 4, shuffle: false, verbose: 0 } as const;

const normed = () =>
  tf.sequential({
    layers: [dense({ units: 2, inputShape: [3] }), layers.batchNormalization({ name: 'norm' }), dense({ units: 1 })],
  });
const linear = () => tf.sequential({ layers: [dense({ units: 1, useBias: false, inputShape: [3] })] });

/** Numbers near others. */
const near = (expected: readonly (readonly number[])[]) =>
  expected.map((list) => list.map((number) => expect.closeTo(number, 5)));

describe('a step of SAM', () => {
  test('is w - η ∇L(w + ρ g / ‖g‖), as written down by hand', async () => {
    const [model, other] = copiesOf(linear);
    const w = model.getWeights()[0] as tf.Tensor2D;
    const gradientAt = (at: tf.Tensor) => {
      const residual = tf.sub(tf.matMul(x() as tf.Tensor2D, at as tf.Tensor2D), y());
      return tf.mul(tf.matMul(x() as tf.Tensor2D, residual as tf.Tensor2D, true), 2 / 4);
    };
    const g = gradientAt(w);
    const expected = tf.sub(w, tf.mul(0.1, gradientAt(tf.add(w, tf.mul(tf.div(g, tf.norm(g)), 0.5)))));
    await fit(model, x(), y(), { ...args, optimizer: sam(sgd(0.1), 0.5), loss });
    expect(weightsOf(model)).toEqual(near([[...expected.dataSync()]]));
    other.compile({ optimizer: toOptimizer(sam(sgd(0.1), 0.5)), loss });
    await other.fit(x(), y(), args);
    expect(weightsOf(other)).toEqual(near([[...expected.dataSync()]]));
  });

  test('moves the statistics of batch normalization once, to those at w', async () => {
    const [plain, ours, theirs] = copiesOf(normed);
    const start = numbers(fromLayersModel(plain).state);
    await fit(plain, x(), y(), { ...args, optimizer: sgd(0.1), loss });
    const expected = Object.values(numbers(fromLayersModel(plain).state));
    expect(expected).not.toEqual(Object.values(start));
    await fit(ours, x(), y(), { ...args, optimizer: sam(sgd(0.1), 5), loss });
    expect(Object.values(numbers(fromLayersModel(ours).state))).toEqual(expected);
    theirs.compile({ optimizer: toOptimizer(sam(sgd(0.1), 5)), loss });
    await theirs.fit(x(), y(), args);
    expect(Object.values(numbers(fromLayersModel(theirs).state))).toEqual(near(expected));
    expect(weightsOf(theirs)).toEqual(near(weightsOf(ours)));
  });

  test('leaves no tensors but the optimizer state, with metrics and several outputs too', async () => {
    const several = architectures.find(({ name }) => name === 'several inputs and outputs');
    if (several === undefined) throw new Error('There is no such architecture.');
    const compiled = { loss: several.loss, metrics: ['mse', 'mae'] };
    const [ours, theirs] = copiesOf(several.make);
    const data = [several.x(), several.y()] as const;
    theirs.compile({ ...compiled, optimizer: toOptimizer(sam(adam(0.01), 0.05)) });
    const options = { ...compiled, ...args, batchSize: 2, optimizer: sam(adam(0.01), 0.05) };
    const runs = [() => fit(ours, ...data, options), () => theirs.fit(...data, { ...args, batchSize: 2 })];
    for (const run of runs) {
      const { history: first } = await run();
      const count = tf.memory().numTensors;
      await run();
      expect(tf.memory().numTensors).toBe(count);
      expect(Object.keys(first)).toEqual(
        ['first_loss', 'second_loss', 'first_mse', 'first_mae', 'second_mse', 'second_mae', 'loss'].sort(
          (a, b) => Object.keys(first).indexOf(a) - Object.keys(first).indexOf(b),
        ),
      );
    }
    const before = tf.memory().numTensors;
    forget(ours);
    expect(tf.memory().numTensors).toBeLessThan(before);
    theirs.optimizer.dispose();
    const after = tf.memory().numTensors;
    forget(ours);
    expect(tf.memory().numTensors).toBe(after);
  });
});

describe('transformations that look into the batch, or ask for more than a gradient', () => {
  test('m-sharpness is the mean of the SAM gradients of the slices', async () => {
    const [model, first, second] = copiesOf(linear);
    const before = weightsOf(model).flat();
    await fit(model, x(), y(), { ...args, optimizer: chain(samTransform(0.5), microBatch(2), sgd(0.1)), loss });
    const halves = [first, second].entries();
    for (const [i, half] of halves)
      await fit(half, tf.slice(x(), [2 * i, 0], [2, 3]), tf.slice(y(), [2 * i, 0], [2, 1]), {
        ...args,
        optimizer: sam(sgd(0.1), 0.5),
        loss,
      });
    const [a, b] = [first, second].map((half) => weightsOf(half).flat());
    expect(weightsOf(model)).toEqual(near([before.map((_, i) => ((a?.[i] ?? 0) + (b?.[i] ?? 0)) / 2)]));
  });

  test('second-order and functional SAM run in fit', async () => {
    for (const optimizer of [
      chain(samTransform(0.1, 2, { order: 2 }), sgd(0.1)),
      chain(functionalSam(0.1), sgd(0.1)),
    ]) {
      const model = normed();
      const before = weightsOf(model);
      const { history } = await fit(model, x(), y(), {
        ...args,
        optimizer: optimizer as GradientTransformation<Tree>,
        loss,
      });
      expect(Number.isFinite(history.loss?.[0])).toBe(true);
      expect(weightsOf(model)).not.toEqual(before);
    }
  });

  test('the optimizer for TensorFlow.js refuses them by name, and changes nothing', async () => {
    const message =
      /^microBatch looks into the batch, which TensorFlow\.js does not show its optimizers: train with fit/;
    expect(() => toOptimizer(chain(samTransform(0.1), microBatch(2), sgd(0.1)))).toThrow(message);
    const nested = chain(
      masked(chain(microBatch(2)), (path) => path.includes('kernel')),
      sgd(0.1),
    );
    expect(() => toOptimizer(nested)).toThrow(message);
    expect(() => toOptimizer(chain(samTransform(0.1, 2, { ascent: firstExamples(0.5) }), sgd(0.1)))).toThrow(
      'firstExamples looks into the batch',
    );
    expect(() => toOptimizer(chain(samTransform(0.1)))).toThrow('climbs');
    const wanted = [chain(samTransform(0.1, 2, { order: 2 }), sgd(0.1)), chain(functionalSam(0.1), sgd(0.1))];
    for (const [i, optimizer] of wanted.entries()) {
      const model = normed();
      const before = weightsOf(model);
      model.compile({ optimizer: toOptimizer(optimizer as GradientTransformation<Tree>), loss });
      await expect(model.fit(x(), y(), args)).rejects.toThrow(
        i === 0
          ? /^chain\(samTransform\(0\.1.+ asks for second derivatives/
          : /^chain\(functionalSam\(0\.1.+ asks for the gradient of outputs/,
      );
      expect(weightsOf(model)).toEqual(before);
    }
  });

  test('it knows all links that cannot do without a batch', () => {
    const gradient = (w: tf.Tensor) => ({ value: tf.scalar(1), grads: tf.mul(w, 1), aux: null });
    const link = (name: string): GradientTransformation<Tree> | undefined => {
      const make = (transforms as { readonly [name: string]: unknown })[name];
      for (const given of [[], [0.1], [2], [0.1, 0.1], [0.1, { exampleLoss: () => tf.zeros([2]) }]])
        try {
          const made = (make as (...given: unknown[]) => GradientTransformation<Tree>)(...given);
          if (typeof made.update === 'function') return made;
        } catch {}
      return undefined;
    };
    const found = Object.keys(transforms).flatMap((name) => {
      const made = link(name);
      if (made === undefined) return [];
      try {
        made.update(gradient, made.init(tf.scalar(1)), tf.scalar(1), null);
      } catch (error) {
        if (/batch/.test(String(error))) return [[name, chain(made, sgd(0.1))] as const];
      }
      return [];
    });
    expect(found.map(([name]) => name).sort()).toEqual(['accumulate', 'esam', 'firstExamples', 'microBatch']);
    for (const [name, made] of found) expect(() => toOptimizer(made), name).toThrow('looks into the batch');
  });
});

test('a run goes on where the last one with the same optimizer ended, and from the start with another', async () => {
  const [whole, parts, restarted] = copiesOf(linear);
  const [one, two] = [momentum(0.1), momentum(0.1)];
  await fit(whole, x(), y(), { ...args, epochs: 2, optimizer: one, loss });
  for (let epoch = 0; epoch < 2; epoch++) await fit(parts, x(), y(), { ...args, epochs: 1, optimizer: two, loss });
  expect(weightsOf(parts)).toEqual(weightsOf(whole));
  for (let epoch = 0; epoch < 2; epoch++)
    await fit(restarted, x(), y(), { ...args, epochs: 1, optimizer: momentum(0.1), loss });
  expect(weightsOf(restarted)).not.toEqual(weightsOf(whole));
  for (const model of [whole, parts, restarted]) forget(model);
});

test('the state of an optimizer is refused for other weights, and there must be some to train', async () => {
  const model = normed();
  const options = { ...args, optimizer: momentum(0.1), loss };
  await fit(model, x(), y(), options);
  const freezeFrom = (first: number) =>
    model.layers.forEach((layer, i) => {
      layer.trainable = i < first;
    });
  freezeFrom(1);
  await expect(fit(model, x(), y(), options)).rejects.toThrow(
    'The trainable weights are others than in the last fit with this optimizer',
  );
  forget(model);
  const [, , , last] = weightsOf(model);
  await fit(model, x(), y(), options);
  expect(weightsOf(model)).toContainEqual(last);
  freezeFrom(0);
  await expect(fit(model, x(), y(), options)).rejects.toThrow('The model has no weights to train');
});

test('the step of @steppe/train makes the same step as fit', async () => {
  const [model, other] = copiesOf(normed);
  const { params, state } = fromLayersModel(other);
  const step = trainStep(layersLoss(other, { loss, metrics: 'mae' }), sam(adam(0.01), 0.05));
  const { position, report } = step.update(step.start(params, state, key(0)), { xs: [x()], ys: [y()] });
  const { history } = await fit(model, x(), y(), { ...args, optimizer: sam(adam(0.01), 0.05), loss, metrics: 'mae' });
  const after = fromLayersModel(model);
  expect(Object.values(numbers(position.params))).toEqual(Object.values(numbers(after.params)));
  expect(Object.values(numbers(position.state))).toEqual(Object.values(numbers(after.state)));
  expect([report.loss, report.metrics.mae].map((value) => value?.dataSync()[0])).toEqual([
    history.loss?.[0],
    history.mae?.[0],
  ]);
});

test('links choose weights by the names of layers', async () => {
  const model = tf.sequential({
    layers: [dense({ name: 'body', units: 2, inputShape: [3] }), dense({ name: 'head', units: 1 })],
  });
  const [before] = weightsOf(model);
  const optimizer = chain(
    freeze((path) => path.startsWith('.body.')),
    sam(sgd(0.1), 0.05),
  );
  await fit(model, x(), y(), { ...args, optimizer, loss });
  expect(weightsOf(model)[0]).toEqual(before);
});

test('minimize of the optimizer trains variables of any kind, and gives the cost when it is asked for', () => {
  const w = tf.variable(tf.scalar(3));
  const cost = () => tf.square(w) as tf.Scalar;
  const optimizer = toOptimizer(sgd(0.25));
  expect(optimizer.minimize(cost, true, [w])?.dataSync()[0]).toBe(9);
  expect(w.dataSync()[0]).toBe(1.5);
  expect(optimizer.minimize(cost, false, [w])).toBe(null);
  expect(() => optimizer.minimize(cost, false, [tf.variable(tf.scalar(1))])).toThrow(
    'The variables are others than at the first step',
  );
  expect(w.dataSync()[0]).toBe(0.75);
  const fixed = tf.variable(tf.scalar(1), false);
  toOptimizer(chain(addDecayedWeights(0.5), sgd(0.5))).minimize(cost, false, [w, fixed]);
  expect([w, fixed].map((variable) => variable.dataSync()[0])).toEqual([-0.1875, 1]);
  optimizer.dispose();
  expect(applyUpdates(w, tf.scalar(1)).dataSync()[0]).toBe(0.8125);
});
