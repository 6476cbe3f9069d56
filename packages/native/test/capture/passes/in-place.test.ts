import { describe, expect, it } from 'vitest';
import { arena, bind } from '../../../src/capture/bindings.ts';
import { lifetimes } from '../../../src/capture/lifetimes.ts';
import { inPlace } from '../../../src/capture/passes/in-place.ts';
import type { Buffer, Call, Place } from '../../../src/capture/recording.ts';

const internal: Buffer = { kind: 'internal', bytes: 64 };
/** One dimension of 16: both operands whole, or the second one broadcast. */
const whole: Buffer = { kind: 'numbers', bytes: 12, numbers: [16, 1, 1] };
const spread: Buffer = { kind: 'numbers', bytes: 12, numbers: [16, 1, 0] };
const [ofWhole, ofSpread] = [8, 9];
const buffers: readonly Buffer[] = [...Array<Buffer>(8).fill(internal), whole, spread];

const at = (buffer: number, offset = 0): Place => ({ buffer, offset });
const add = (a: Place | number, b: Place | number, y: number, layout = ofWhole, op = 0): Call => ({
  name: 'steppe_binary',
  arguments: [op, 0, typeof a === 'number' ? at(a) : a, typeof b === 'number' ? at(b) : b, at(y), 1, at(layout)],
  kernel: { name: 'Add', inputs: {}, attrs: {} },
});
const read = (buffer: number): Call => ({
  name: 'steppe_check_index',
  arguments: [at(buffer), 1, 1],
  kernel: { name: 'Gather', inputs: {}, attrs: {} },
});
const taken = (...calls: readonly Call[]) => {
  const recording = { calls, buffers };
  const own = [...lifetimes(recording)].filter(([buffer]) => buffer < 8);
  return [...inPlace(recording, new Map(own))];
};

describe('a result takes the place of', () => {
  it('an operand that is not read again, the first one if it may choose', () => {
    expect(taken(add(0, 1, 2), add(2, 1, 3))).toEqual([
      [2, 0],
      [3, 2],
    ]);
    expect(taken(add(0, 1, 2), read(0))).toEqual([[2, 1]]);
    expect(taken(add(0, 0, 2))).toEqual([[2, 0]]);
  });

  it('none that is read again, is broadcast, has another type, or lies elsewhere in its buffer', () => {
    expect(taken(add(0, 1, 2), read(0), read(1))).toEqual([]);
    expect(taken(add(0, 1, 2, ofSpread), read(0))).toEqual([]);
    expect(taken(add(0, 1, 2, ofWhole, 16))).toEqual([]);
    expect(taken(add(at(0, 32), 1, 2), read(1))).toEqual([]);
    expect(taken(add(0, at(0, 32), 2))).toEqual([]);
  });

  it('the gradient that a normalization is given, unless it is read otherwise too', () => {
    const grad = (x: number, dy: number, dx: number): Call => ({
      name: 'steppe_norm_train_grad',
      arguments: [at(x), at(dy), 0, 0, at(6), at(7), at(dx), 0, 0, 4, 4, 0.1, 1],
      kernel: { name: 'BatchNormGrad', inputs: {}, attrs: {} },
    });
    expect(taken(grad(0, 1, 2))).toEqual([[2, 1]]);
    expect(taken(grad(1, 1, 2))).toEqual([]);
    expect(taken(grad(0, 1, 2), read(1))).toEqual([]);
  });

  it('none that is no piece of the arena, and so a chain of calls needs one piece', () => {
    const calls = [add(0, 1, 2), add(2, 1, 3), add(3, 1, 4), add(4, 1, 5)];
    const given: Buffer = { kind: 'input', bytes: 64 };
    const { bytes, locations } = bind({ calls, buffers: buffers.with(0, given).with(1, given) }, [0, 1], [5], true);
    expect(bytes[arena]).toBe(64);
    expect([2, 3, 4].map((buffer) => locations.get(buffer))).toEqual(Array(3).fill({ binding: arena, offset: 0 }));
    expect(locations.get(5)?.binding).not.toBe(arena);
  });
});
