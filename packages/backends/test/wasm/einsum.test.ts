import { fc, test } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs-core';
import { describe } from 'vitest';
import { expectClose, onBackend, tensorOf } from '../support.ts';

const sizes: Readonly<Record<string, number>> = { a: 3, b: 2, c: 4, d: 5, i: 3, j: 4, k: 5 };
const equations = [
  'ij,jk->ik',
  'bij,bjk->bik',
  'i,i->',
  'ij->ji',
  'ij->i',
  'ij,ij->ij',
  'i,j->ij',
  'bij,kj->bki',
  'ij->',
  // tfjs's own path is wrong for these.
  'bc,c->',
  'ad,db->d',
  'cbd,bca->b',
  'ac,ad->a',
  'a,ac->a',
];

const contraction = fc.constantFrom(...equations).chain((equation) => {
  const [terms = ''] = equation.split('->');
  return fc.record({
    equation: fc.constant(equation),
    operands: fc.tuple(...terms.split(',').map((term) => tensorOf([...term].map((axis) => sizes[axis] ?? 1)))),
  });
});

describe('einsum on WASM', () => {
  test.prop([contraction])('gives what the CPU gives', async ({ equation, operands }) => {
    const contract = (tensors: readonly tf.Tensor[]): tf.Tensor => tf.einsum(equation, ...tensors);
    expectClose(await onBackend('wasm', operands, contract), await onBackend('cpu', operands, contract));
  });
});
