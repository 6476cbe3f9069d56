// Every method of the README's tables on L(U, V) = ½‖UV - C‖²: how flat a minimum it ends in, for as many gradients.
// At a minimum λ_max = σ₁(U)² + σ₁(V)² exactly, at least 2σ₁(C); gradient descent keeps the imbalance that it starts with.

import { valueAndGrad } from '@steppe/autograd';
import { foldIn, key, normal } from '@steppe/random';
import { chain, gradientsOver, scale } from '@steppe/transforms';
import * as tf from '@tensorflow/tfjs-core';
import { descend } from './descend.mjs';

/** Gradients of a run, and steps of plain descent behind it, so that all are measured at a loss of 0. */
const [budget, settling, size, rank] = [600, 400, 6, 4];

/** ½‖UV - C‖² of one whole batch, whose rows are the examples of the links that look for some. */
export const exampleLoss = ({ u, v }, { x, y }) => {
  const r = tf.sub(tf.matMul(tf.matMul(x, u), v), y);
  return tf.mul(0.5 * size, tf.sum(tf.square(r), 1));
};
const gradient = valueAndGrad({
  outputs: ({ u, v }, { x }) => tf.matMul(tf.matMul(x, u), v),
  loss: (outputs, { y }) => tf.mul(0.5 * size, tf.mean(tf.sum(tf.square(tf.sub(outputs, y)), 1))),
});

function draw(seed) {
  const part = (i, shape, std) => tf.mul(normal(foldIn(key(seed), i), shape), std);
  const target = tf.matMul(part(0, [size, rank], 0.5), part(1, [rank, size], 0.5));
  return {
    params: { u: part(2, [size, rank], 0.9), v: part(3, [rank, size], 0.1) },
    batch: { x: tf.eye(size), y: target },
  };
}

/** σ₁², by power iteration on XᵀX. */
function square(x) {
  const product = tf.matMul(x, x, true);
  let vector = tf.ones([product.shape[0], 1]);
  for (let i = 0; i < 100; i++) {
    const next = tf.matMul(product, vector);
    vector = tf.div(next, tf.norm(next));
  }
  return tf.sum(tf.mul(vector, tf.matMul(product, vector))).dataSync()[0];
}

/** How far above the flattest minimum a method ends: λ_max/(2σ₁(C)), 1 at best; and the loss before the plain steps. */
export function flatness(optimizer, seed) {
  return tf.tidy(() => {
    const { params, batch } = draw(seed);
    let steps = 0;
    while (gradientsOver(optimizer, steps + 1) <= budget) steps += 1;
    const batchOf = () => batch;
    const ran = descend(optimizer, gradient, params, steps, { batchOf }).params;
    const loss = gradient(ran, batch).value.dataSync()[0];
    const { u, v } = descend(chain(scale(-0.05)), gradient, ran, settling, { batchOf }).params;
    return { loss, flatness: (square(u) + square(v)) / (2 * Math.sqrt(square(batch.y))) };
  });
}
