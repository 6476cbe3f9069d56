import { expect, it } from 'vitest';
import { createArena } from '../../src/capture/arena.ts';
import { addressOf, loadKoffi } from '../../src/library.ts';
import { createPool } from '../../src/memory/pool.ts';

const poolOf = (limit: number) => createPool({ limit, cap: limit, addressOf: (view) => addressOf(loadKoffi(), view) });

it('an arena that does not fit is refused as what cannot be captured, and what fits is given back', () => {
  const pool = poolOf(2 ** 20);
  const arena = createArena(pool);
  expect(() => arena.at(2 ** 21)).toThrow(
    'The function cannot be captured: what it needs at once, 2.0 MiB, does not fit in one piece. Call it as it is.',
  );
  const place = arena.at(2 ** 19);
  expect([arena.at(2 ** 18), pool.usage().used]).toEqual([place, 2 ** 19]);
  arena.dispose();
  expect(pool.usage().used).toBe(0);
});

it('an arena is taken instead of what waits to be taken again', () => {
  const pool = poolOf(2 ** 22);
  for (const block of [1, 2, 3].map((i) => pool.take(i * 2 ** 17))) pool.give(block);
  expect(pool.usage().idle).toBe(6 * 2 ** 17);
  createArena(pool).at(2 ** 19);
  expect(pool.usage()).toEqual({ used: 2 ** 19, idle: 0 });
});
