import { describe, expect, test } from 'vitest';
import { sideline } from '../src/training/sideline.ts';
import { slices, type Turn } from '../src/training/slices.ts';

/** A work of three slices that writes down what it does. */
const written = (log: string[]) => async (turn: Turn) => {
  try {
    log.push('a');
    await turn();
    log.push('b');
    await turn();
    log.push('c');
  } finally {
    log.push('end');
  }
};

describe('a work in slices', () => {
  test('goes from turn to turn, and no farther', async () => {
    const log: string[] = [];
    const { next } = slices(written(log));
    expect(log).toEqual([]);
    expect(await next()).toBe(true);
    expect(log).toEqual(['a']);
    expect(await next()).toBe(true);
    expect(log).toEqual(['a', 'b']);
    expect(await next()).toBe(false);
    expect(log).toEqual(['a', 'b', 'c', 'end']);
    expect(await next()).toBe(false);
  });

  test('cleans up when it is ended where it waits, or has not begun', async () => {
    const log: string[] = [];
    const begun = slices(written(log));
    await begun.next();
    await begun.end();
    await slices(written(log)).end();
    expect(log).toEqual(['a', 'end']);
  });

  test('gives no turn to a work that is ended on its way to one', async () => {
    const log: string[] = [];
    const work = slices(async (turn) => {
      await Promise.resolve();
      await turn().finally(() => log.push('turned'));
      log.push('worked');
    });
    const under = work.next();
    await work.end();
    await expect(under).rejects.toThrow('The work was ended.');
    expect(log).toEqual(['turned']);
  });

  test('throws what the work throws', async () => {
    const { next, end } = slices(async (turn) => {
      await turn();
      throw new Error('no more');
    });
    expect(await next()).toBe(true);
    await expect(next()).rejects.toThrow('no more');
    await end();
  });
});

describe('a work on the side', () => {
  const always = async () => true;

  test('is done once each time, however much time there is', async () => {
    const log: string[] = [];
    const { give } = sideline(always, written(log));
    await give(1e9);
    expect(log).toEqual(['a', 'b', 'c', 'end']);
    await give(1e9);
    expect(log).toHaveLength(8);
  });

  test('gives back what a slice took beyond its time', async () => {
    const log: string[] = [];
    const { give, end } = sideline(always, async (turn) => {
      for (let i = 0; ; i++) {
        const begin = performance.now();
        while (performance.now() - begin < 20);
        log.push(`slice ${i}`);
        await turn();
      }
    });
    await give(1);
    await give(1);
    expect(log).toEqual(['slice 0']);
    await give(60);
    expect(log.length).toBeGreaterThan(1);
    await end();
  });

  test('waits while there may be none, and begins anew once it was ended', async () => {
    const log: string[] = [];
    let allowed = 1;
    const { give, end } = sideline(async () => allowed-- > 0, written(log));
    await give(1e9);
    expect(log).toEqual(['a']);
    await end();
    allowed = 9;
    await give(1e9);
    expect(log).toEqual(['a', 'end', 'a', 'b', 'c', 'end']);
  });
});
