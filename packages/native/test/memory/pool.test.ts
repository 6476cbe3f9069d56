import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { addressOf, loadKoffi } from '../../src/library.ts';
import { type Block, createPool, type Pool, sizeClass } from '../../src/memory/pool.ts';

const koffi = loadKoffi();
const pool = (limit: number, cap: number): Pool =>
  createPool({ limit, cap, addressOf: (view) => addressOf(koffi, view) });

describe('the pool', () => {
  test.prop([fc.integer({ min: 0, max: 2 ** 31 })])('rounds sizes up by an eighth at most', (bytes) => {
    const size = sizeClass(bytes);
    expect(size).toBeGreaterThanOrEqual(bytes);
    expect(size % 64).toBe(0);
    expect(size).toBeLessThanOrEqual(Math.max(512, bytes * 1.126));
  });

  test.prop([fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 50 })])(
    'gives aligned memory that is nobody else’s',
    (sizes) => {
      const { take } = pool(2 ** 30, 0);
      const blocks = sizes.map((bytes) => take(bytes)).sort((a, b) => a.address - b.address);
      blocks.forEach((block, i) => {
        expect(block.address % 64).toBe(0);
        expect(block.address + block.size).toBeLessThanOrEqual(blocks[i + 1]?.address ?? Number.POSITIVE_INFINITY);
      });
    },
  );

  it('gives the same memory again for the same size', () => {
    const { take, give, usage } = pool(2 ** 30, 2 ** 20);
    const first = take(100_000);
    give(first);
    expect(usage()).toEqual({ used: 0, idle: first.size });
    expect(take(99_999)).toBe(first);
  });

  it('gives up the sizes that were not asked for the longest when too much lies idle', () => {
    const { take, give, usage } = pool(2 ** 30, 1_000_000);
    const old = take(500_000);
    give(old);
    const blocks: Block[] = [take(700_000), take(200_000)];
    for (const block of blocks) give(block);
    expect(usage().idle).toBeLessThanOrEqual(1_000_000);
    expect(take(500_000)).not.toBe(old);
  });

  it('says so when memory runs out, and goes on afterwards', () => {
    const { take, give } = pool(1_000_000, 0);
    const block = take(900_000);
    expect(() => take(900_000)).toThrow(
      /Out of memory: a tensor of 0\.\d MiB does not fit beside the 0\.\d MiB in use/,
    );
    give(block);
    expect(take(900_000).size).toBeGreaterThan(0);
  });
});
