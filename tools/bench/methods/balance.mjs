// SAM on L(u, v) = ½(uv - c)²: it balances the factors at a rate that is known, GD does not.
import { key, uniforms } from '@steppe/random';
import { chain, samTransform, scale } from '@steppe/transforms';
import * as tf from '@tensorflow/tfjs-core';
import { descend, seeds } from './descend.mjs';

const product = (c) => (w) => {
  const [u, v] = tf.unstack(w);
  const r = tf.sub(tf.mul(u, v), c);
  return { value: tf.mul(0.5, tf.square(r)), grads: tf.stack([tf.mul(r, v), tf.mul(r, u)]), aux: null };
};

const balanceOf = ([u, v]) => (u * u - v * v) / 2;

/** 𝓑 after a short run, and what integrating d𝓑/dt = -2ρ|r|𝓑/√(u² + v²) along it gives. */
function run(optimizer, start, target, rho) {
  let [predicted, before] = [balanceOf(start), start];
  const watch = (w) => {
    const [u, v] = before;
    predicted *= 1 - (eta * 2 * rho * Math.abs(u * v - target)) / Math.hypot(u, v);
    before = [...w.dataSync()];
  };
  descend(optimizer, product(target), tf.tensor1d(start), 1000, { watch });
  return { measured: balanceOf(before), predicted };
}

const [rho, eta] = [0.003, 1e-4];

/** The fall of 𝓑 by SAM less that by GD, whose steps of a finite size lower it too, over the predicted one. */
function fall(seed) {
  const [a, b, c] = uniforms(key(seed), 3);
  const [start, target] = [[1.5 + a, 0.2 + 0.3 * b], 2 + c];
  const sharp = run(chain(samTransform(rho), scale(-eta)), start, target, rho);
  const plain = run(scale(-eta), start, target, 0);
  return (sharp.measured - plain.measured) / (sharp.predicted - balanceOf(start));
}

export const settings = [
  {
    setting: 'SAM on ½(uv - c)²: fall of ½(u² - v²), less that of GD, / that of d𝓑/dt = -2ρ|r|𝓑/√(u² + v²)',
    chain: 'chain(samTransform(0.003), scale(-0.0001))',
    expected: 1,
    run: () => seeds.map((seed) => tf.tidy(() => fall(seed))),
  },
];
