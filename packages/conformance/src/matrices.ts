import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Case, gradientCase, reals, valueCase } from './case.ts';

/** Products of matrices: either one transposed, in batches, broadcast over batches, fused with what follows. */
export const matrixCases: readonly Case[] = [
  gradientCase('BatchMatMul', [reals([5, 19]), reals([19, 7])], (a: Tensor2D, b: Tensor2D) => tf.matMul(a, b)),
  gradientCase('BatchMatMul, first transposed', [reals([19, 5]), reals([19, 7])], (a: Tensor2D, b: Tensor2D) =>
    tf.matMul(a, b, true, false),
  ),
  gradientCase('BatchMatMul, second transposed', [reals([5, 19]), reals([7, 19])], (a: Tensor2D, b: Tensor2D) =>
    tf.matMul(a, b, false, true),
  ),
  gradientCase('BatchMatMul, both transposed', [reals([19, 5]), reals([7, 19])], (a: Tensor2D, b: Tensor2D) =>
    tf.matMul(a, b, true, true),
  ),
  gradientCase('BatchMatMul of a batch', [reals([3, 5, 9]), reals([3, 9, 7])], (a: Tensor3D, b: Tensor3D) =>
    tf.matMul(a, b),
  ),
  gradientCase(
    'BatchMatMul of a batch, second transposed',
    [reals([2, 3, 5, 9]), reals([2, 3, 7, 9])],
    (a: Tensor4D, b: Tensor4D) => tf.matMul(a, b, false, true),
  ),
  // A value only: tfjs's own gradient of a product that broadcasts throws.
  valueCase(
    'BatchMatMul, broadcast over a batch',
    [reals([3, 5, 9]), reals([9, 7])],
    (a: Tensor3D, b: Tensor2D) => tf.matMul(a, b),
    1e-5,
  ),
  gradientCase('BatchMatMul of long rows', [reals([3, 1100]), reals([1100, 2])], (a: Tensor2D, b: Tensor2D) =>
    tf.matMul(a, b),
  ),
  gradientCase('a vector times a matrix', [reals([9]), reals([9, 5])], (a: Tensor1D, b: Tensor2D) => tf.dot(a, b)),
  gradientCase('attention', [reals([2, 6, 8]), reals([2, 6, 8]), reals([2, 6, 8])], (q: Tensor3D, k, v) =>
    tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), Math.SQRT1_2)), v),
  ),
  valueCase(
    '_FusedMatMul',
    [reals([5, 9]), reals([9, 7]), reals([7])],
    (a: Tensor2D, b: Tensor2D, bias: Tensor1D) => tf.fused.matMul({ a, b, bias, activation: 'relu' }),
    1e-5,
  ),
  valueCase(
    'Einsum',
    [reals([3, 5, 4]), reals([3, 4, 6])],
    (a: Tensor3D, b: Tensor3D) => tf.einsum('bij,bjk->bik', a, b),
    1e-5,
  ),
];
