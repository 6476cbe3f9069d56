import { valueAndGrad } from '@steppe/autograd';
import { foldIn, key, uniform } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor, Tensor2D, Tensor3D, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Case, type Input, reals } from './case.ts';

/** The gradient of ⟨f(w), u⟩ with a fixed u, by the sweep that trains. */
const trained = (name: string, inputs: readonly Input[], f: (...xs: never[]) => Tensor, tolerance = 1e-5): Case => ({
  name: `${name}, its gradient`,
  tolerance,
  run: () =>
    pure(() => {
      const loss = (ws: Tensor[]): Tensor => {
        const value = f(...(ws as never[]));
        return tf.sum(tf.mul(value, uniform(key(1412), value.shape, 0.5, 1)));
      };
      return valueAndGrad(loss)(
        inputs.map((input, i) => input(foldIn(key(2010), i))),
        null,
      ).grads;
    }),
});

const labels = () => tf.tensor2d([[1], [0], [2]], [3, 1], 'int32');

/** Gradients at the edges of shapes. */
export const edgeGradients: readonly Case[] = [
  trained('ResizeNearestNeighbor of several', [reals([2, 2, 1, 1])], (x: Tensor4D) =>
    tf.image.resizeNearestNeighbor(x, [4, 2]),
  ),
  trained('ResizeNearestNeighbor to one pixel', [reals([2, 3, 1, 2])], (x: Tensor4D) =>
    tf.image.resizeNearestNeighbor(x, [1, 4], true),
  ),
  trained('ResizeBilinear, not square', [reals([2, 3, 5, 2])], (x: Tensor4D) => tf.image.resizeBilinear(x, [7, 2])),
  trained('ResizeBilinear between centers', [reals([2, 3, 2, 2])], (x: Tensor4D) =>
    tf.image.resizeBilinear(x, [4, 5], false, true),
  ),
  trained('GatherV2 along a batch', [reals([3, 4])], (x: Tensor2D) => tf.gather(x, labels(), 1, 1)),
  trained('Conv2D rounded up', [reals([1, 3, 3, 1]), reals([2, 2, 1, 1])], (x: Tensor4D, w: Tensor4D) =>
    tf.conv2d(x, w, 2, 0, 'NHWC', 1, 'ceil'),
  ),
  trained('Conv2D with dilations', [reals([2, 6, 5, 2]), reals([2, 3, 2, 3])], (x: Tensor4D, w: Tensor4D) =>
    tf.conv2d(x, w, 1, 'same', 'NHWC', [2, 1]),
  ),
  trained('Conv3D', [reals([2, 3, 4, 2, 2]), reals([2, 1, 2, 2, 3])], (x: Tensor5D, w: Tensor5D) =>
    tf.conv3d(x, w, [1, 2, 1], 'valid'),
  ),
  trained('AvgPool3D over the border', [reals([2, 3, 4, 2, 2])], (x: Tensor5D) => tf.avgPool3d(x, 3, 1, 'same')),
  trained('MaxPool3D of negatives', [reals([2, 4, 4, 2, 2], -3, -1)], (x: Tensor5D) => tf.maxPool3d(x, 2, 2, 'valid')),
  trained('Sum of nothing', [reals([0, 3])], (x: Tensor2D) => tf.sum(x, 0)),
  trained('Cumsum from the back', [reals([3, 2, 4])], (x: Tensor3D) => tf.cumsum(x, -2, true)),
  trained('Cumprod', [reals([3, 4])], (x: Tensor2D) => tf.cumprod(x, 1)),
  trained('Einsum', [reals([2, 3, 4]), reals([4, 5])], (a: Tensor3D, b: Tensor2D) => tf.einsum('bij,jk->bki', a, b)),
  trained('StridedSlice', [reals([4, 5])], (x: Tensor2D) => tf.stridedSlice(x, [3, 0], [0, 5], [-2, 2])),
  trained('DepthToSpace', [reals([2, 2, 1, 8])], (x: Tensor4D) => tf.depthToSpace(x, 2, 'NHWC')),
  trained('TopK', [reals([3, 6])], (x: Tensor2D) => tf.topk(x, 2).values),
  trained('ScatterNd', [reals([3, 2])], (x: Tensor2D) => tf.scatterND(labels(), x, [4, 2])),
  trained('Reverse', [reals([3, 2])], (x: Tensor2D) => tf.reverse(x, -1)),
  trained('BatchMatMul, partly broadcast', [reals([2, 1, 3, 2]), reals([3, 2, 4])], (a: Tensor4D, b: Tensor3D) =>
    tf.matMul(a, b),
  ),
  trained(
    'FusedBatchNorm without a scale',
    [reals([4, 3]), reals([3]), reals([3], 1, 2)],
    (x: Tensor2D, mean: Tensor, variance: Tensor) => tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D),
  ),
];
