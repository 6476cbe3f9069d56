import * as tf from '@tensorflow/tfjs';
import { describe, expect, it, test } from 'vitest';
import { withoutDeadResults } from '../../../src/capture/passes/dead-results.ts';
import type { Buffer, Call, Place } from '../../../src/capture/recording.ts';
import { capture, registerNative } from '../../../src/index.ts';
import type { FunctionName } from '../../../src/library.ts';

const at = (buffer: number): Place => ({ buffer, offset: 0 });
const call = (name: FunctionName, ...given: readonly (number | Place)[]): Call => ({
  name,
  arguments: given,
  kernel: { name, inputs: {}, attrs: {} },
});
const square = (x: number, y: number): Call => call('steppe_unary', 0, 0, at(x), at(y), 4, 0, 0);
const internal: Buffer = { kind: 'internal', bytes: 64 };

/** What is left of some calls over as many buffers as they need, of which `kept` are given back. */
const left = (calls: readonly Call[], kept: readonly number[], buffers: readonly Buffer[] = Array(9).fill(internal)) =>
  withoutDeadResults({ calls, buffers }, kept).calls;

describe('without dead results', () => {
  const chain = [square(0, 1), square(1, 2), square(2, 3), square(1, 4)] as const;

  it('there are no calls that only feed each other, and what is read stays in its order', () => {
    expect(left(chain, [3])).toEqual(chain.slice(0, 3));
    expect(left(chain, [4])).toEqual([chain[0], chain[3]]);
    expect(left(chain, [])).toEqual([]);
    expect(left(chain, [3, 4])).toEqual(chain);
  });

  it('all that writes into one buffer, is read through a table, or looks at an index stays', () => {
    const copies = [
      call('steppe_copy', at(1), at(0), 4, 1, 0),
      call('steppe_copy', { buffer: 1, offset: 32 }, at(0), 4, 1, 0),
    ];
    expect(left(copies, [1])).toEqual(copies);
    const table: Buffer = { kind: 'table', bytes: 16, words: [at(1), 3] };
    const whole = [square(0, 1), square(0, 2), call('steppe_tree_dot', at(3), 1, at(4))];
    const all = [internal, internal, internal, table, internal];
    expect(left(whole, [4], all)).toEqual([whole[0], whole[2]]);
    expect(left(whole, [], all)).toEqual([]);
    const index = [call('steppe_check_index', at(0), 1, 3)];
    expect(left(index, [])).toEqual(index);
  });

  it('one of several results is enough', () => {
    const norm = call('steppe_norm_train', at(0), 0, 0, at(1), at(2), at(3), 4, 1, 0.1, 0);
    for (const result of [1, 2, 3]) expect(left([norm], [result])).toEqual([norm]);
    expect(left([norm], [4])).toEqual([]);
  });
});

test('a captured function computes nothing that it does not give, and still names an index that is out of range', async () => {
  await registerNative();
  await tf.setBackend('native');
  const captured = capture((x: tf.Tensor2D, index: tf.Tensor1D) => {
    tf.matMul(x, x);
    tf.gather(x, index);
    return tf.neg(x);
  });
  const [x, inside, outside] = [tf.ones<tf.Rank.R2>([2, 2]), tf.tensor1d([1], 'int32'), tf.tensor1d([2], 'int32')];
  for (let i = 0; i < 4; i++) {
    const minus = captured(x, inside);
    expect([...minus.dataSync()]).toEqual([-1, -1, -1, -1]);
    minus.dispose();
  }
  expect(() => captured(x, outside)).toThrow('GatherV2: an index is not in [0, 1]');
  captured.dispose();
  tf.dispose([x, inside, outside]);
});
