// SAM and USAM on L(x) = ½λx²: a cycle of two points, and the edges of stability, against their closed forms.
import { key, uniforms } from '@steppe/random';
import { chain, constant, samTransform, scale, usam } from '@steppe/transforms';
import * as tf from '@tensorflow/tfjs-core';
import { descend, seeds } from './descend.mjs';

/** The gradient of ½λx², by hand. */
const quadratic = (lambda) => (x) => ({
  value: tf.mul(0.5 * lambda, tf.square(x)),
  grads: tf.mul(lambda, x),
  aux: null,
});

const numberOf = (tensor) => tensor.dataSync()[0];

/** λ, η and ρ of a seed, where GD is stable: ηλ in [0.2, 1.8]. */
function drawn(seed) {
  const [a, b, c] = uniforms(key(seed), 3);
  const rate = 0.05 + 0.2 * a;
  return { rate, lambda: (0.2 + 1.6 * b) / rate, rho: 0.05 + 0.45 * c };
}

/** |x| where SAM cycles between two points, over ηρλ/(2 - ηλ): 1 by the closed form. */
function cycle(seed) {
  const { rate, lambda, rho } = drawn(seed);
  const { params } = descend(chain(samTransform(rho), scale(-rate)), quadratic(lambda), tf.scalar(1), 600);
  return Math.abs(numberOf(params)) / ((rate * rho * lambda) / (2 - rate * lambda));
}

/** Whether a method brings x closer to 0 at some λ. */
function shrinks(optimizer, lambda) {
  const { params } = descend(optimizer, quadratic(lambda), tf.scalar(1e-3), 100);
  return Math.abs(numberOf(params)) < 1e-3;
}

/** The λ at which a method turns from stable to unstable, by bisection, over the one of the formula. */
function edge(optimizer, formula, span = 0.5) {
  let [low, high] = [formula * (1 - span), formula * (1 + span)];
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2;
    if (shrinks(optimizer, middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2 / formula;
}

/** ηλ(1 + ρλ) = 2, at λ* = (√(1 + 8ρ/η) - 1)/(2ρ). */
function unnormalizedEdge(seed) {
  const { rate, rho } = drawn(seed);
  return edge(chain(usam(rho), scale(-rate)), (Math.sqrt(1 + (8 * rho) / rate) - 1) / (2 * rho));
}

/**
 * SAM at a fixed length of the gradient: one step from the point with ‖g‖ = 1 keeps |x| at
 * λ = (‖g‖/2ρ)·(√(1 + 8ρ/(η‖g‖)) - 1).
 */
function samEdge(seed) {
  const { rate, rho } = drawn(seed);
  const formula = (Math.sqrt(1 + (8 * rho) / rate) - 1) / (2 * rho);
  const optimizer = chain(samTransform(constant(rho)), scale(-rate));
  let [low, high] = [0.5 * formula, 1.5 * formula];
  for (let i = 0; i < 20; i++) {
    const lambda = (low + high) / 2;
    const { params } = descend(optimizer, quadratic(lambda), tf.scalar(1 / lambda), 1);
    if (Math.abs(numberOf(params)) < 1 / lambda) low = lambda;
    else high = lambda;
  }
  return (low + high) / 2 / formula;
}

export const settings = [
  {
    setting: 'SAM on ½λx², GD-stable: |x| of its cycle / (ηρλ/(2 - ηλ))',
    chain: 'chain(samTransform(rho), scale(-eta))',
    expected: 1,
    measure: cycle,
  },
  {
    setting: 'edge of stability of USAM: λ / ((√(1 + 8ρ/η) - 1)/2ρ)',
    chain: 'chain(usam(rho), scale(-eta))',
    expected: 1,
    measure: unnormalizedEdge,
  },
  {
    setting: 'edge of stability of SAM at ‖g‖ = 1: λ / ((√(1 + 8ρ/η) - 1)/2ρ)',
    chain: 'chain(samTransform(rho), scale(-eta))',
    expected: 1,
    measure: samEdge,
  },
].map(({ measure, ...rest }) => ({ ...rest, run: () => seeds.map((seed) => tf.tidy(() => measure(seed))) }));
