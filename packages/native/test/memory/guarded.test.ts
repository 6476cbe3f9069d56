import { fc, test } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { install } from '../../src/install.ts';
import { addressOf, type Library, loadKoffi } from '../../src/library.ts';
import { load } from '../../src/load.ts';
import { createGuardedPool, type Debug, debugOf } from '../../src/memory/guarded.ts';
import type { Pool } from '../../src/memory/pool.ts';

const koffi = loadKoffi();
const { library } = await load(); // here, since it may have to be compiled first
const pool = (debug: Debug, limit = 2 ** 30): Pool =>
  createGuardedPool({ limit, addressOf: (view) => addressOf(koffi, view) }, debug);

describe('memory that is watched', () => {
  test.prop([fc.nat(300), fc.integer({ min: -64, max: 363 })])(
    'tells of every byte written outside of a block',
    (size, at) => {
      const { take, verify } = pool('canaries');
      const block = take(size);
      const other = take(8);
      new Uint8Array(block.buffer)[block.offset + at] = 1;
      const outside = at < 0 ? 'before the start' : at >= size ? 'past the end' : undefined;
      if (outside === undefined) expect(() => verify?.('Add')).not.toThrow();
      else if (at < size + 64)
        expect(() => verify?.('Add')).toThrow(`Add wrote ${outside} of a tensor of ${size} bytes: this is a bug`);
      expect(() => verify?.('Sub')).not.toThrow(); // told once
      expect(other.size).toBe(8);
    },
  );

  it('tells of it also when the block is given back first', () => {
    const { take, give, verify } = pool('canaries');
    const block = take(12);
    new Uint8Array(block.buffer, block.offset + 12).fill(0, 0, 1);
    give(block);
    expect(() => verify?.('Add')).toThrow('Add wrote past the end of a tensor of 12 bytes');
  });

  it('shows what was not written, and what was given back, as one odd number', () => {
    const { take, give } = pool('canaries');
    const block = take(4);
    const value = new Float32Array(block.buffer, block.offset, 1);
    expect(value[0]).toBeCloseTo(-4.2e37, -36);
    value[0] = 1;
    give(block);
    expect(value[0]).toBeCloseTo(-4.2e37, -36);
  });

  test.prop([fc.integer({ min: 1, max: 5000 })])('can be exactly what was asked for, alone', (size) => {
    const { take, verify } = pool('separate');
    const block = take(size);
    expect([block.buffer.byteLength, block.offset, take(size).buffer === block.buffer]).toEqual([size, 0, false]);
    expect(verify).toBeUndefined();
  });

  it('keeps to the limit', () => {
    const { take, give } = pool('canaries', 100);
    const block = take(80);
    expect(() => take(80)).toThrow('Out of memory');
    give(block);
    expect(take(80).size).toBe(80);
  });

  it('is asked for by one of two names', () => {
    expect([debugOf(undefined), debugOf(''), debugOf('canaries'), debugOf('separate')]).toEqual([
      undefined,
      undefined,
      'canaries',
      'separate',
    ]);
    expect(() => debugOf('yes')).toThrow('STEPPE_DEBUG must be canaries or separate, got yes.');
  });

  it('names the kernel that writes one element too many', async () => {
    const faulty: Library = {
      ...library,
      steppe_unary: (...args) => library.steppe_unary(...args.map((value, i) => (i === 4 ? value + 1 : value))),
    };
    vi.stubEnv('STEPPE_DEBUG', 'canaries');
    install('native-watched', library);
    install('native-faulty', faulty);
    await tf.setBackend('native-watched');
    expect(Array.from(tf.abs([-1, 2, -3]).dataSync())).toEqual([1, 2, 3]);
    await tf.setBackend('native-faulty');
    expect(() => tf.abs([-1, 2, -3])).toThrow('Abs wrote past the end of a tensor of 12 bytes');
  });
});
