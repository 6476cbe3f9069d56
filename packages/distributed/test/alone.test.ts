import { microBatch } from '@steppe/transforms';
import { checkLaws } from '@steppe/transforms/laws';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { agree, allReduceMean, meanAcross, onTwoRanks, rowsOf, world } from '../src/index.ts';
import { loadLibrary } from '../src/mpi/load.ts';

beforeAll(() => tf.setBackend('cpu'));
afterEach(() => vi.unstubAllEnvs());

const words = (use: () => unknown): string => {
  try {
    use();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
};

test('a process that nothing started together is a world of one, whose link obeys every law', async () => {
  const alone = world();
  expect([alone.rank, alone.size, alone.localRank, alone.localSize]).toEqual([0, 1, 0, 1]);
  expect([...alone.allReduce(new Float32Array([1, 2]), 'mean')]).toEqual([1, 2]);
  expect(alone.allGather(new Uint8Array([7]))).toEqual([new Uint8Array([7])]);
  expect([...alone.broadcast(new Int32Array([3]))]).toEqual([3]);
  await checkLaws(allReduceMean(alone), { numRuns: 10 });
});

test('the rows of the ranks are the slices that microBatch cuts', () => {
  const sizes = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 9 }), (examples, size) => {
      const part = Math.ceil(examples / size);
      fc.pre(part * (size - 1) < examples);
      const seen: number[] = [];
      const gradient = (w: tf.Tensor, x: tf.Tensor) => {
        seen.push(x.shape[0] ?? 0);
        return { value: tf.scalar(0), grads: w, aux: null };
      };
      microBatch(part).update(gradient, null, tf.scalar(0), tf.zeros([examples]));
      const rows = Array.from({ length: size }, (_, rank) => rowsOf({ rank, size }, examples));
      expect(rows.map(({ begin, end }) => end - begin)).toEqual(seen);
      expect(rows.map(({ begin }) => begin)).toEqual([0, ...rows.slice(0, -1).map(({ end }) => end)]);
    }),
    { seed: 1, numRuns: 60 },
  );
  expect(() => rowsOf({ rank: 0, size: 4 }, 9)).toThrow(
    'A batch of 9 in slices of 3 leaves rank 3 of 4 without examples: use a multiple of 4.',
  );
});

/** What `world()` refuses in an environment. */
function refused(environment: { readonly [name: string]: string }): string {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  try {
    world();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
}

test('started by MPI without its library the error says what to install; it is never a silent world of one', () => {
  expect(refused({ OMPI_COMM_WORLD_SIZE: '2', STEPPE_MPI: '/nowhere/libmpi.so.40' })).toBe(
    'STEPPE_MPI names /nowhere/libmpi.so.40, which is no library that loads here: leave it unset to use libmpi.so.40 of OpenMPI.',
  );
});

test('an engine that is not installed is named, with the command that installs it', () => {
  // A machine whose loader finds no library.
  const bare = { load: () => ({ func: () => () => null }) } as never;
  expect(words(() => loadLibrary(bare, 'OpenMPI', undefined))).toBe(
    'OpenMPI started this process, and its library libmpi.so.40 is not found: apt-get install openmpi-bin, or name its file by STEPPE_MPI.',
  );
  expect(words(() => loadLibrary(bare, 'MPICH', undefined))).toContain('apt-get install mpich');
});

test('srun without MPI is refused, which would train as many times alone', () => {
  expect(refused({ SLURM_STEP_NUM_TASKS: '4' })).toBe(
    'srun started 4 processes that cannot find each other: srun --mpi=pmix for OpenMPI, srun --mpi=pmi2 for MPICH.',
  );
  expect(refused({ SLURM_STEP_NUM_TASKS: '1' })).toBe('nothing');
});

test('wrong arguments are refused in one line before anything is sent', () => {
  const alone = world();
  expect(words(() => world({ limit: 0 }))).toBe('limit must be a finite number above 0, got 0.');
  expect(words(() => world({ timeout: 5 } as never))).toBe('world has no option "timeout": it takes limit.');
  expect(words(() => allReduceMean(null as never))).toBe('world must be made by world(), got null.');
  expect(words(() => meanAcross({} as never))).toBe('world must be made by world(), got {}.');
  expect(words(() => meanAcross(alone)(new Float32Array(1), 0))).toContain('weight must be');
  expect(words(() => meanAcross(alone)([1] as never, 1))).toBe('values must be a Float32Array, got a list of 1.');
  expect(words(() => onTwoRanks(null as never))).toBe('world must be made by world(), got null.');
  expect(words(() => onTwoRanks({ ...alone, size: 3 }))).toContain('takes a world of two ranks');
  expect(words(() => allReduceMean(alone, { aux: 'median' } as never))).toContain('must be "mean" or "sum" or');
  expect(words(() => agree(alone, [1] as never))).toBe('The facts must be a record, got a list of 1.');
  const two = { size: 2, allGather: (bytes: Uint8Array) => [bytes, bytes] };
  expect(words(() => agree(two, { of: () => 1 }))).toContain('of must be a number, a text, a tensor, or');
  expect(words(() => agree(two, { of: new Map() }))).toContain('of must be a number, a text, a tensor, or');
  const ring: Record<string, unknown> = {};
  ring.self = ring;
  expect(words(() => agree(two, { ring }))).toContain('ring.self must be no record around itself');
  expect(words(() => alone.allReduce(new Int32Array(1), 'mean'))).toBe(
    'Integers have no mean: take their sum, or a Float64Array.',
  );
  expect(words(() => alone.allReduce([1] as never))).toBe(
    'values must be a Float32Array, a Float64Array, a Int32Array, got a list of 1.',
  );
  expect(words(() => alone.broadcast(new Float32Array(1), 1))).toBe('root must be a rank from 0 to 0, got 1.');
});
