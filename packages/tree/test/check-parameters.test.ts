import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { checkParameters, dispose } from '../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

test('one tensor in two places is refused with both paths; equal numbers in two tensors are not', () => {
  const x = tf.ones([2]);
  const copy = tf.clone(x);
  expect(() => checkParameters({ layers: [{ kernel: x }, { kernel: copy }], head: x })).toThrow(
    'One tensor stands at ".layers[0].kernel" and ".head": keep one and use it twice in the loss, or make the other a tf.clone.',
  );
  for (const tree of [x, null, [x, copy], { x, steps: 3, none: [] }]) expect(() => checkParameters(tree)).not.toThrow();
  dispose(x, copy);
});

test.each(['int32', 'bool'] as const)('%s is refused with its path and what to do', (dtype) => {
  const [w, steps] = [tf.ones([2]), tf.zeros([], dtype)];
  expect(() => checkParameters({ layers: [w, { steps }] })).toThrow(
    `Parameters are float32, got ${dtype} at ".layers[1].steps": cast it, or keep it elsewhere.`,
  );
  expect(() => checkParameters(steps)).toThrow('at "."');
  dispose(w, steps);
});
