import { valueAndGrad } from '@steppe/autograd';
import { softmaxCrossEntropy } from '@steppe/models';
import { key, normals } from '@steppe/random';
import { dispose, dot, map, norm, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { applyUpdates, epsilonHat, type SamOptions, samTransform } from '../../src/index.ts';
import { numbers } from '../support/trees.ts';

beforeAll(() => tf.setBackend('cpu'));

const random = (seed: number, shape: number[], scale: number): tf.Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.mul(tf.tensor(normals(key(seed), size), shape), scale);
};

const silu = <T extends tf.Tensor>(x: T): T => tf.mul(x, tf.sigmoid(x)) as T;

const params = () => ({
  first: { kernel: random(1, [3, 3, 2, 4], 0.3) as tf.Tensor4D, bias: random(2, [4], 0.1) },
  second: { kernel: random(3, [3, 3, 4, 3], 0.3) as tf.Tensor4D, bias: random(4, [3], 0.1) },
  head: random(5, [3, 3], 0.5) as tf.Tensor2D,
});
type Params = ReturnType<typeof params>;
type Images = { readonly x: tf.Tensor4D; readonly labels: tf.Tensor1D };

/** Two convolutions with silu, a mean over the image, and a cross entropy: smooth, so that differences are an
 * oracle. */
const loss = ({ first, second, head }: Params, { x, labels }: Images): tf.Scalar => {
  const hidden = silu(tf.add<tf.Tensor4D>(tf.conv2d(x, first.kernel, 1, 'same'), first.bias));
  const out = silu(tf.add<tf.Tensor4D>(tf.conv2d(hidden, second.kernel, 2, 'same'), second.bias));
  return softmaxCrossEntropy(tf.matMul(tf.mean<tf.Tensor2D>(out, [1, 2]), head), labels);
};

const batch = (): Images => ({
  x: random(6, [4, 5, 5, 2], 1) as tf.Tensor4D,
  labels: tf.tensor1d([0, 2, 1, 2], 'int32'),
});

const gradient = valueAndGrad(loss);

/** L(w + ε̂(w)): the loss alone needs one gradient, at w. */
const atWorst = (w: Params, images: Images, rho: number, p: number): number => {
  const { grads } = gradient(w, images);
  return numbers(loss(applyUpdates(w, epsilonHat(grads, rho, p)), images))[0] ?? Number.NaN;
};

const directions = 4;

describe('order: 2 on a small convolutional network', () => {
  test.each([
    { p: 2, rho: 0.5 },
    { p: 3, rho: 0.2 },
  ])('is the derivative of w ↦ L(w + ε̂(w)) along any direction, p = $p', ({ p, rho }) => {
    tf.tidy(() => {
      const w = params();
      const images = batch();
      const update = (options: SamOptions) => {
        const link = samTransform(rho, p, options);
        return link.update(gradient, link.init(w), w, images)[0];
      };
      const [second, first] = [update({ order: 2 }), update({})];
      let [missed, missedByFirst] = [0, 0];
      for (let seed = 0; seed < directions; seed++) {
        const drawn: Tree = map(w as Tree, (leaf, path) => random(100 + 10 * seed + path.length, leaf.shape, 1));
        const length = norm(drawn);
        const v = map(drawn, (leaf) => tf.div(leaf, length));
        const h = 0.01;
        const moved = (by: number) =>
          atWorst(
            applyUpdates(
              w,
              map(v, (leaf) => tf.mul(leaf, by)),
            ),
            images,
            rho,
            p,
          );
        // Fourth order: float32 leaves about 10⁻⁷ / h.
        const slope = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h);
        missed = Math.max(missed, Math.abs((numbers(dot(second.grads, v))[0] ?? 0) - slope));
        missedByFirst = Math.max(missedByFirst, Math.abs((numbers(dot(first.grads, v))[0] ?? 0) - slope));
      }
      const size = numbers(norm(second.grads))[0] ?? Number.NaN;
      expect(missed / size).toBeLessThan(3e-4);
      expect(missedByFirst / size).toBeGreaterThan(2e-3);
    });
  });

  test('leaves nothing behind', () => {
    const [w, images] = [params(), batch()];
    const link = samTransform(0.1, 2, { order: 2, certificate: true });
    const state = link.init(w);
    dispose(...link.update(gradient, state, w, images));
    const before = tf.memory().numTensors;
    dispose(...link.update(gradient, state, w, images));
    expect(tf.memory().numTensors).toBe(before);
    dispose(w, images, state);
  });
});
