import { valueAndGrad } from '@steppe/autograd';
import { key } from '@steppe/random';
import type { Report } from '@steppe/transforms';
import { addScaled, dot, leaves, scaled } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { assign, fromLayersModel, layersLoss } from '../src/index.ts';
import { architectures } from './support/architectures.ts';
import { directionOf, distance } from './support/derivatives.ts';
import { numbers, weightsOf } from './support/models.ts';
import { eachTestAlike } from './support/same-chance.ts';

eachTestAlike();

/** How far from each other points of a difference are. */
const H = 1e-2;
const TRAINING = { training: true } as const;

describe.each(architectures)('$name', ({ make, x, y, loss, smooth }) => {
  test('predicts as the model does, and is a pure function that leaves the model and nothing else', () => {
    const model = make();
    const { params, state, apply } = fromLayersModel<tf.Tensor | tf.Tensor[]>(model);
    const input = x();
    const numbersOf = (outputs: tf.Tensor | tf.Tensor[]) => [outputs].flat().map((output) => [...output.dataSync()]);
    const expected = numbersOf(model.predict(input, { batchSize: 100 }) as tf.Tensor | tf.Tensor[]);
    const before = [weightsOf(model), numbers(params), numbers(state)];
    expect(numbersOf(apply(params, state, input, { training: false })[0])).toEqual(expected);
    // The first call may fill caches of tfjs.
    const [outputs, next] = apply(params, state, input, TRAINING);
    const count = tf.memory().numTensors;
    const again = apply(params, state, input, TRAINING);
    expect(tf.memory().numTensors - count).toBe(leaves(again).length);
    expect([numbersOf(again[0]), numbers(again[1])]).toEqual([numbersOf(outputs), numbers(next)]);
    expect([weightsOf(model), numbers(params), numbers(state)]).toEqual(before);
    // Other weights than the model's.
    const other = numbersOf(apply(scaled(params, 1.5), state, input, { training: false })[0]);
    expect(other).not.toEqual(expected);
    assign(model, scaled(params, 1.5), state);
    expect(numbersOf(model.predict(input, { batchSize: 100 }) as tf.Tensor)).toEqual(other);
  });

  test('has a symmetric Hessian, that of differences where it is smooth', () => {
    const model = make();
    const { params, state } = fromLayersModel(model);
    const { outputs, loss: last } = layersLoss(model, { loss });
    const batch = { xs: [x()].flat(), ys: [y()].flat() };
    const gradient = valueAndGrad({
      outputs: (at: typeof params, _: null) => outputs(at, state, batch, key(0))[0],
      loss: (made) => last(made, batch) as tf.Scalar | readonly [tf.Scalar, Report],
    });
    const [u, v] = [directionOf(params, 50), directionOf(params, 90)];
    const [hu, hv] = [gradient.hvp(params, null, u), gradient.hvp(params, null, v)];
    const [uhv, vhu] = [dot(u, hv), dot(v, hu)].map((product) => product.dataSync()[0] as number);
    expect(Math.abs((uhv ?? 0) - (vhu ?? 1))).toBeLessThan(1e-3 * (1 + Math.abs(uhv ?? 0)));
    if (!smooth) return;
    const [before, after] = [-H, H].map((step) => gradient(addScaled(params, step, v), null).grads);
    expect(distance(hv, scaled(addScaled(after, -1, before), 1 / (2 * H)))).toBeLessThan(1e-2);
  });
});
