import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textOf } from '@steppe/transforms';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/options/config-file.ts';
import { presetOptions } from '../../src/options/presets/presets.ts';
import { makeOptimizer } from '../../src/run/optimizer.ts';
import { alone } from '../../src/workers/alone.ts';
import { resettleWorkers } from '../../src/workers/resettle.ts';
import { settleWorkers } from '../../src/workers/settle.ts';
import { type Shared, shareDevice } from '../../src/workers/share-device.ts';
import { settleTerminal } from '../../src/workers/terminal.ts';

const options = { ...presetOptions('fashion-mini'), batch: 128 };
const settled = (changes: object, size: number) => settleWorkers({ ...options, ...changes }, { size });
/** The links up to the one that clips. */
const linksOf = (changes: object, size: number) =>
  /^chain\((.*), clip/.exec(textOf(makeOptimizer(settled(changes, size), 10, undefined, { ...alone, size })))?.[1];

describe('on several ranks', () => {
  test('each has its own ε̂ unless all share one by the m of the whole batch', () => {
    expect(settled({}, 1)).toEqual(options);
    expect(settled({}, 4)).toEqual({ ...options, m: 32 });
    expect(settled({ m: 16 }, 4)).toEqual({ ...options, m: 16 });
    expect(settled({ m: 128 }, 4)).toEqual({ ...options, m: 128, accumulate: 4 });
    expect(settled({ rho: 0 }, 4)).toEqual({ ...options, rho: 0, accumulate: 4 });
  });

  test('the mean stands where one process has microBatch', () => {
    const [decay, sam] = ['addDecayedWeights(0.0005)', 'samTransform(0.05, 2)'];
    expect(linksOf({}, 4)).toBe(`${decay}, ${sam}, allReduceMean()`);
    expect(linksOf({ m: 16 }, 4)).toBe(`${decay}, ${sam}, microBatch(16), allReduceMean()`);
    expect(linksOf({ m: 128 }, 4)).toBe(`allReduceMean(), ${decay}, ${sam}`);
    expect(linksOf({ m: 128, accumulate: 8 }, 4)).toBe(`microBatch(16), allReduceMean(), ${decay}, ${sam}`);
    expect(linksOf({ m: 32 }, 1)).toBe(`${decay}, ${sam}, microBatch(32)`);
  });

  test.each([
    [
      { m: 64 },
      4,
      '--m must be at most 32, what each of 4 ranks has of a batch of 128, or 128 for one ε̂ of all, got 64.',
    ],
    [{ m: 128, accumulate: 6 }, 4, '--accumulate must be a multiple of the 4 ranks, which take a batch in parts'],
    [{ batch: 4 }, 3, '--batch: A batch of 4 in slices of 2 leaves rank 2 of 3 without examples: use a multiple of 3.'],
    [
      { 'sync-batch-norm': true, batch: 8 },
      3,
      '--sync-batch-norm needs as many images on each of 3 ranks: --batch must',
    ],
    [{ 'sync-batch-norm': true }, 1, '--sync-batch-norm is of several ranks, and there is one: start them by steppe'],
    [{ 'dry-run': true }, 2, '--dry-run measures a step of one process, and there are 2 ranks: say it without them.'],
    [{ chain: [{ sgd: { learningRate: 0.1 } }] }, 2, 'The chain must have allReduceMean on 2 ranks'],
  ])('%j is refused on %i ranks', (changes, size, message) => {
    expect(() => settled(changes, size)).toThrow(message);
  });
});

describe('a run that goes on', () => {
  const resettled = async (ranks: number, saved: object, size: number, said: object = {}) => {
    const out = await mkdtemp(join(tmpdir(), 'steppe-'));
    try {
      await writeFile(join(out, 'config.json'), JSON.stringify({ ...facts, ...(ranks > 1 && { ranks }) }));
      return await resettleWorkers({ ...options, ...saved, out, ...said }, { size });
    } finally {
      await rm(out, { recursive: true });
    }
  };
  const facts = {
    schema: configSchema,
    options: {},
    network: { parameters: 1 },
    dataset: { sha256: '' },
    chain: '',
    device: { name: '' },
    versions: {},
    epochs: 1,
    steps: 1,
  };
  const allowed = { 'change-ranks': true };

  test('on another number of ranks has what these make of it, where it had what the others made', async () => {
    const on = async (ranks: number, saved: object, size: number) => {
      const { m, accumulate } = await resettled(ranks, saved, size, allowed);
      return { m, accumulate };
    };
    expect(await on(2, { m: 64 }, 4)).toEqual({ m: 32, accumulate: undefined });
    expect(await on(4, { m: 32 }, 2)).toEqual({ m: 64, accumulate: undefined });
    expect(await on(2, { m: 16 }, 4)).toEqual({ m: 16, accumulate: undefined });
    expect(await on(2, { m: 128, accumulate: 2 }, 4)).toEqual({ m: 128, accumulate: 4 });
    expect(await on(4, { m: 32 }, 1)).toEqual({ m: 32, accumulate: undefined });
    expect(await on(1, { m: 16 }, 4)).toEqual({ m: 16, accumulate: undefined });
  });

  test('is refused on another number of ranks before their m is, unless that is allowed', async () => {
    await expect(resettled(2, { m: 64 }, 3)).rejects.toThrow('is of 2 ranks, and there are 3: start as many, or say');
    expect((await resettled(2, { m: 64 }, 2)).m).toBe(64);
  });
});

describe('a rank takes', () => {
  const taken = (shared: Shared, environment: NodeJS.ProcessEnv) => {
    shareDevice.take(shared, environment, 16);
    return [environment.CUDA_VISIBLE_DEVICES, environment.STEPPE_THREADS];
  };
  const shared = { localRank: 3, localSize: 8, together: 8 };

  test('the GPU of its number, of those that its machine may use, and its part of the processors', () => {
    expect(taken(shared, {})).toEqual(['3', '2']);
    expect(taken(shared, { CUDA_VISIBLE_DEVICES: '4,5,6,7' })).toEqual(['7', '2']);
    expect(taken({ ...shared, together: 1 }, {})).toEqual(['3', '16']);
    expect(taken({ ...shared, together: 40 }, {})).toEqual(['3', '1']);
  });

  test('what it was given: its own GPU, none at all, its threads', () => {
    expect(taken(shared, { CUDA_VISIBLE_DEVICES: '6', STEPPE_THREADS: '5' })).toEqual(['6', '5']);
    expect(taken(shared, { CUDA_VISIBLE_DEVICES: '' })).toEqual(['', '2']);
  });
});

test('the terminal that mpirun makes is one only where the launcher has one', () => {
  const settledTerminal = (named?: string) => {
    const output = { isTTY: true, columns: 0, rows: 0 };
    settleTerminal(output, { STEPPE_TERMINAL: named });
    return output;
  };
  expect(settledTerminal('100x40')).toEqual({ isTTY: true, columns: 100, rows: 40 });
  for (const none of [undefined, 'none', '0x0', 'x'])
    expect(settledTerminal(none)).toEqual({ isTTY: false, columns: undefined, rows: undefined });
});
