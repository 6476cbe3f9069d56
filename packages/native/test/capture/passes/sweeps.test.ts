import { fc, test } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { inSweeps } from '../../../src/capture/passes/sweeps.ts';
import type { Buffer, Call, Place } from '../../../src/capture/recording.ts';
import { capture } from '../../../src/index.ts';
import type { FunctionName } from '../../../src/library.ts';
import { floats, seeds } from '../../support/arbitraries.ts';
import { nativeBackends } from '../../support/backends.ts';

const internal: Buffer = { kind: 'internal', bytes: 64 };
const dense: Buffer = { kind: 'numbers', bytes: 12, numbers: [16, 1, 1] };
const scalar: Buffer = { kind: 'numbers', bytes: 12, numbers: [16, 1, 0] };
const [ofDense, ofScalar] = [10, 11];
const buffers: readonly Buffer[] = [...Array<Buffer>(10).fill(internal), dense, scalar];

const at = (buffer: number, offset = 0): Place => ({ buffer, offset });
const call = (name: FunctionName, ...given: readonly (number | Place)[]): Call => ({
  name,
  arguments: given,
  kernel: { name, inputs: {}, attrs: {} },
});
const square = (x: number, y: number, n = 16): Call => call('steppe_unary', 32, 0, at(x), at(y), n, 0, 0);
const add = (a: number, b: number, y: number, layout = ofDense): Call =>
  call('steppe_binary', 0, 0, at(a), at(b), at(y), 1, at(layout));
const product = (x: number, y: number): Call =>
  call('steppe_matmul', at(x), at(x), at(y), 1, 4, 4, 4, 0, 0, 16, 16, 0, 0);

/** The names of the calls that are left, and of a sweep its leaves: `null` for their sizes and what has no memory. */
const swept = (calls: readonly Call[], kept: readonly number[], all = buffers) => {
  const made = inSweeps({ calls, buffers: all }, kept);
  return made.calls.map(({ name, arguments: given }) => {
    const leaves = name === 'steppe_sweep' ? made.buffers[Object(given[2]).buffer] : undefined;
    if (leaves?.kind !== 'table') return name.replace('steppe_', '');
    return leaves.words.slice(1).map((word) => (typeof word === 'object' ? word.buffer : null));
  });
};

describe('in sweeps', () => {
  it('there are operations that feed each other, and what only they read has no memory', () => {
    expect(swept([square(0, 1), square(1, 2), add(2, 0, 3)], [3])).toEqual([[0, null, null, 3]]);
    expect(swept([square(0, 1), square(1, 2), add(2, 0, 3)], [2, 3])).toEqual([[0, null, 2, 3]]);
    expect(swept([square(0, 1), square(1, 2), product(1, 4)], [2, 4])).toEqual([[0, 1, 2], 'matmul']);
    // Two chains that meet, and a number for all elements.
    expect(swept([square(0, 1), square(2, 3), add(1, 3, 4)], [4])).toEqual([[0, null, 2, null, 4]]);
    expect(swept([square(0, 1), add(1, 5, 2, ofScalar)], [2])).toEqual([[0, null, 2]]);
  });

  it('they run where the last one was, if nothing between asks for them or changes what they read', () => {
    expect(swept([square(0, 1), product(5, 6), square(1, 2)], [2, 6])).toEqual(['matmul', [0, null, 2]]);
    expect(swept([square(0, 1), product(1, 6), square(1, 2)], [2, 6])).toEqual(['unary', 'matmul', 'unary']);
    expect(swept([square(0, 1), product(5, 0), square(1, 2)], [0, 2])).toEqual(['unary', 'matmul', 'unary']);
  });

  it('there is none that shares nothing, has another size, or reads one element of what another writes', () => {
    expect(swept([square(0, 1), square(2, 3)], [1, 3])).toEqual(['unary', 'unary']);
    expect(swept([square(0, 1), square(1, 2, 8)], [2])).toEqual(['unary', 'unary']);
    expect(swept([square(0, 1), add(1, 1, 2, ofScalar)], [2])).toEqual(['unary', 'binary']);
    const shifted = call('steppe_unary', 32, 0, at(1, 4), at(2), 16, 0, 0);
    expect(swept([square(0, 1), square(1, 3), shifted], [2, 3])).toEqual([[0, 1, 3], 'unary']);
    const halves = call('steppe_binary', 0, 0, at(1), at(1, 4), at(2), 1, at(ofDense));
    expect(swept([square(0, 1), halves], [2])).toEqual(['unary', 'binary']);
    const over = call('steppe_unary', 32, 0, at(1), at(0, 4), 16, 0, 0);
    expect(swept([square(0, 1), over], [0])).toEqual(['unary', 'unary']);
  });

  it('a result that is written over what is read stays in its order', () => {
    expect(swept([square(0, 1), square(1, 0), square(0, 2)], [2])).toEqual([[0, null, 2]]);
    expect(swept([square(0, 1), square(1, 2), square(2, 2)], [2])).toEqual([[0, null, 2]]);
  });

  it('there is the update of a whole tree, and the ascent along a normalized one', () => {
    const table = (...columns: readonly (number | undefined)[]): Buffer => {
      const leaf = (i: number) => [16, ...columns.map((b) => (b === undefined ? 0 : at(b, 64 * i)))];
      return { kind: 'table', bytes: 96, words: [...leaf(0), ...leaf(1)] };
    };
    const all = [
      ...buffers,
      table(0, 1, undefined, 2, undefined),
      table(2, undefined, undefined, 3, undefined),
      table(4, 3, undefined, 5, undefined),
    ];
    const [added, scaled, addedTo] = [
      call('steppe_tree_add_scaled', at(12), 2, at(9)),
      call('steppe_tree_scale', at(13), 2, at(9)),
      call('steppe_tree_add_scaled', at(14), 2, at(9)),
    ];
    expect(swept([added, scaled, addedTo], [5], all)[0]).toEqual([
      0,
      1,
      null,
      null,
      4,
      5,
      null,
      0,
      1,
      null,
      null,
      4,
      5,
    ]);
    const normalized = call('steppe_tree_normalize', at(13), 2, at(9), at(8));
    expect(swept([normalized, addedTo], [5], all)).toEqual(['tree_factor', [2, null, 4, 5, null, 2, null, 4, 5]]);
    expect(swept([normalized], [3], all)).toEqual(['tree_factor', [2, 3, null, 2, 3]]);
  });
});

type Operation = (a: tf.Tensor, b: tf.Tensor, s: tf.Scalar) => tf.Tensor;
/** Operations whose results stay about as large as what they take, so that programs of many do not end in NaN. */
const operations: readonly Operation[] = [
  (a) => tf.tanh(a),
  (a) => tf.relu(a),
  (a) => tf.sigmoid(a),
  (a) => tf.neg(a),
  (a) => tf.sqrt(tf.abs(a)),
  (a, b) => tf.maximum(a, b),
  (a, b) => tf.mul(a, tf.sigmoid(b)),
  (a, b) => tf.sub(a, b),
  (a, b) => tf.addN([a, b, a]),
  (a, _, s) => tf.mul(a, s),
  (a, _, s) => tf.sub(s, a),
  (a, _, s) => tf.div(a, tf.exp(s)),
  (a) => tf.mul(a, 0.3),
  (a, b) => tf.add(a, tf.sum(b)),
  (a, b) => tf.where(tf.greater(a, b), a, b),
  (a) => tf.reverse(a),
];
const programs = fc.array(fc.tuple(fc.nat(operations.length - 1), fc.nat(), fc.nat()), { minLength: 2, maxLength: 14 });
const bitsOf = (tensors: readonly tf.Tensor[]) =>
  tensors.map((t) => new TextDecoder('latin1').decode(t.dataSync().slice().buffer));

describe.each(await nativeBackends())('on $name', ({ name }) => {
  test.prop([programs, fc.constantFrom(1, 17, 2049, 40_001), seeds, fc.nat(3)], { numRuns: 15, seed: 7 })(
    'captured programs give the bits of eager ones, fused or not',
    async (program, size, seed, outputs) => {
      await tf.setBackend(name);
      tf.tidy(() => {
        const run = (x: tf.Tensor, y: tf.Tensor, s: tf.Scalar) => {
          const made: tf.Tensor[] = [x, y];
          for (const [op, a, b] of program)
            made.push(
              (operations[op] as Operation)(...([a, b].map((i) => made[i % made.length]) as [tf.Tensor, tf.Tensor]), s),
            );
          return made.slice(-1 - outputs);
        };
        const given = (turn: number) =>
          [
            tf.tensor(floats([size], seed + turn).values),
            tf.tensor(floats([size], seed + turn + 9).values),
            tf.scalar(0.1 * turn),
          ] as const;
        for (const fuse of [true, false]) {
          const captured = capture(run, { fuse });
          for (let turn = 0; turn < 3; turn++)
            expect(bitsOf(captured(...given(turn)))).toEqual(bitsOf(run(...given(turn))));
          expect(captured.replays).toBe(2);
          captured.dispose();
        }
      });
    },
  );
});
