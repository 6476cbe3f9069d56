import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { valueAndGrad } from '../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

/** Smooth activations, in tfjs and in float64. */
const activations = {
  tanh: [(x: tf.Tensor2D) => tf.tanh(x), Math.tanh],
  sigmoid: [(x: tf.Tensor2D) => tf.sigmoid(x), (x: number) => 1 / (1 + Math.exp(-x))],
  softplus: [(x: tf.Tensor2D) => tf.softplus(x), (x: number) => Math.log1p(Math.exp(x))],
  silu: [(x: tf.Tensor2D) => tf.mul(x, tf.sigmoid(x)) as tf.Tensor2D, (x: number) => x / (1 + Math.exp(-x))],
  sine: [(x: tf.Tensor2D) => tf.sin(x), Math.sin],
} as const satisfies Record<string, readonly [(x: tf.Tensor2D) => tf.Tensor2D, (x: number) => number]>;
type Activation = keyof typeof activations;

type Layer = {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: readonly number[];
  readonly activation: Activation;
};
type Network = {
  readonly layers: readonly Layer[];
  readonly x: readonly (readonly number[])[];
  readonly skip: boolean;
};

const unit = fc.double({ min: -1, max: 1, noNaN: true }).map(Math.fround);
const many = <T>(draw: fc.Arbitrary<T>, length: number) => fc.array(draw, { minLength: length, maxLength: length });

/** Fully connected layers with biases; `skip` adds each layer's input to its output where the widths agree. */
const networks: fc.Arbitrary<Network> = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }),
    fc.integer({ min: 1, max: 3 }),
    fc.boolean(),
  )
  .chain(([widths, batch, skip]) =>
    fc.record({
      skip: fc.constant(skip),
      x: many(many(unit, widths[0] ?? 1), batch),
      layers: fc.tuple(
        ...widths.slice(1).map((outputs, i) => {
          const inputs = widths[i] ?? 1;
          const activation = fc.constantFrom(...(Object.keys(activations) as Activation[]));
          return many(unit, (inputs + 1) * outputs).chain((weights) =>
            activation.map((name): Layer => ({ inputs, outputs, weights, activation: name })),
          );
        }),
      ),
    }),
  );

/** The loss in float64: the mean over the batch of log Σ exp(output). */
function loss64({ layers, x, skip }: Network): number {
  const losses = x.map((row) => {
    const output = layers.reduce<readonly number[]>((h, { inputs, outputs, weights, activation }) => {
      const next = Array.from({ length: outputs }, (_, o) => {
        const linear = h.reduce(
          (sum, hi, i) => sum + hi * (weights[i * outputs + o] ?? 0),
          weights[inputs * outputs + o] ?? 0,
        );
        return activations[activation][1](linear);
      });
      return skip && inputs === outputs ? next.map((y, i) => y + (h[i] ?? 0)) : next;
    }, row);
    return Math.log(output.reduce((sum, y) => sum + Math.exp(y), 0));
  });
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}

/** ∂loss/∂weights by central differences in float64. */
function gradient64(network: Network): number[] {
  const h = 1e-5;
  return network.layers.flatMap((layer, l) =>
    layer.weights.map((_, k) => {
      const moved = (by: number) =>
        loss64({
          ...network,
          layers: network.layers.map((same, i) =>
            i === l ? { ...layer, weights: layer.weights.map((w, j) => (j === k ? w + by : w)) } : same,
          ),
        });
      return (moved(h) - moved(-h)) / (2 * h);
    }),
  );
}

test('gradients of random networks agree with differences in float64', () => {
  const before = tf.memory().numTensors;
  fc.assert(
    fc.property(networks, (network) => {
      const params = network.layers.map(({ inputs, outputs, weights }) => ({
        kernel: tf.tensor2d(weights.slice(0, inputs * outputs), [inputs, outputs]),
        bias: tf.tensor1d(weights.slice(inputs * outputs)),
      }));
      const loss = (w: typeof params, x: tf.Tensor2D) => {
        const output = w.reduce((h, { kernel, bias }, i) => {
          const next = activations[network.layers[i]?.activation ?? 'tanh'][0](tf.add(tf.matMul(h, kernel), bias));
          return network.skip && h.shape[1] === next.shape[1] ? tf.add(next, h) : next;
        }, x);
        return tf.mean<tf.Scalar>(tf.logSumExp(output, 1));
      };
      const x = tf.tensor2d(network.x.map((row) => [...row]));
      const { value, grads } = valueAndGrad(loss)(params, x);
      const found = grads.flatMap(({ kernel, bias }) => [...kernel.dataSync(), ...bias.dataSync()]);
      const expected = gradient64(network);
      expect(value.dataSync()[0]).toBeCloseTo(loss64(network), 5);
      expect(found.length).toBe(expected.length);
      for (const [i, e] of expected.entries()) expect(Math.abs((found[i] ?? Number.NaN) - e)).toBeLessThan(2e-5);
      dispose(params, x, value, grads);
    }),
  );
  expect(tf.memory().numTensors).toBe(before);
});
