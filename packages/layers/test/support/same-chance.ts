import { key } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach } from 'vitest';
import { put } from '../../src/during.ts';
import { randomStream } from '../../src/random-stream.ts';

/** Each test of a file on the JavaScript backend, with the same first weights whenever it runs, and no tensors left. */
export function eachTestAlike(): void {
  let restore = () => {};
  beforeAll(() => tf.setBackend('cpu'));
  beforeEach(() => {
    tf.engine().startScope();
    restore = put({ of: Math, name: 'random', value: randomStream(key(7)) });
  });
  afterEach(() => {
    restore();
    tf.engine().endScope();
  });
}
