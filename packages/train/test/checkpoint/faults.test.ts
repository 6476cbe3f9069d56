import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { dispose, serialize } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { killSaves } from '../../../../tools/checkpoints/kill-saves.mjs';
import { smallDisk } from '../../../../tools/vitest/small-disk.ts';
import { openCheckpoints } from '../../src/node.ts';
import { folder } from '../support/folder.ts';
import { expectTensorsLeft } from '../support/leaks.ts';
import { filesIn, latestIn, nameOf, pathOf, positionAt, saveAll } from '../support/positions.ts';
import { buildSaver } from '../support/saver.ts';

beforeAll(() => tf.setBackend('cpu'));

/** Runs a process to its end and gives what it printed. */
async function output(command: string, args: readonly string[], options = {}): Promise<[text: string, errors: string]> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const texts: [string, string] = ['', ''];
  child.stdout.on('data', (chunk) => {
    texts[0] += chunk;
  });
  child.stderr.on('data', (chunk) => {
    texts[1] += chunk;
  });
  await once(child, 'close');
  return texts;
}

/** The lines of a saver that tell of a checkpoint. */
const told = (errors: string): readonly string[] => errors.split('\n').filter((line) => line.includes('checkpoint'));

const goesOn = 'Training goes on; the next checkpoint tries again, older ones are untouched.';

describe('Processes that save', () => {
  test('and are killed at random moments leave every file whole and lose no save that they acknowledged', async () => {
    const run = folder();
    const saver = await buildSaver();
    const checkpoints = openCheckpoints(run);
    // tools/checkpoints/faults.mjs does it 200 times.
    const start = [process.execPath, saver, run, '100000'];
    const count = await killSaves(start, { run, kills: 8, longest: 150, checkpoints });
    expect(count).toMatchObject({ unreadable: 0, lost: 0 });
    expect(count.acknowledged).toBeGreaterThan(0);
    const { step } = await latestIn(checkpoints);
    await saveAll(checkpoints, [step + 1]);
    expect(filesIn(run).filter((name) => !name.startsWith('step-'))).toEqual([]);
    expect(filesIn(run).length).toBeLessThanOrEqual(3);
  }, 120_000);

  test('into one folder at once leave every file whole', async () => {
    const run = folder();
    const [one, other] = [openCheckpoints(run), openCheckpoints(run)];
    const steps = Array.from({ length: 15 }, (_, i) => i + 1);
    await Promise.all([saveAll(one, steps), saveAll(other, steps)]);
    for (const name of filesIn(run)) dispose((await one.at(Number(name.slice(5, -12)))).position);
    expect(await latestIn(one)).toMatchObject({ step: 15, skipped: [] });
    expect(filesIn(run)).toEqual([14, 15].map(nameOf));
  });

  const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
  test.skipIf(!hasStrace)('and whose disk fails tell of each failure, and save the next time', async () => {
    const saver = await buildSaver();
    // strace counts the calls of each thread.
    const oneThread = { env: { ...process.env, UV_THREADPOOL_SIZE: '1' } };
    // The third sync, of two a save, is that of the second file.
    for (const [fault, reason] of [
      ['fsync:error=EIO:when=3', 'EIO: i/o error'],
      ['rename:error=EIO:when=2', 'EIO: i/o error'],
      ['fsync:error=ENOSPC:when=3', 'ENOSPC: no space left on device'],
    ]) {
      const run = folder();
      const command = ['-f', '-o', '/dev/null', '-e', `inject=${fault}`, process.execPath, saver, run, '1000', '3'];
      const [text, errors] = await output('strace', command, oneThread);
      expect(text).toBe('from 0\n1\n3\n');
      expect(told(errors)).toEqual([`${pathOf(run, 2)} was not written (${reason}). ${goesOn}`]);
      expect(filesIn(run)).toEqual([1, 3].map(nameOf));
    }
  });

  test.skipIf(process.getuid?.() !== 0)(
    'where they may not write say so each time, and leave alone what is there',
    async () => {
      const run = folder();
      await saveAll(openCheckpoints(run), [1]);
      const saver = await buildSaver();
      // Root may write anywhere: another user is taken.
      for (const place of [
        saver,
        join(saver, '..'),
        join(saver, '../..'),
        join(saver, '../../..'),
        run,
        join(run, 'checkpoints'),
      ])
        chmodSync(place, 0o755);
      const nobody = { uid: 65_534, gid: 65_534, cwd: '/' };
      const [text, errors] = await output(process.execPath, [saver, run, '1000', '2'], nobody);
      expect(text).toBe('from 1\n');
      expect(told(errors)).toEqual(
        [2, 3].map((step) => `${pathOf(run, step)} was not written (EACCES: permission denied). ${goesOn}`),
      );
      expect(filesIn(run)).toEqual([nameOf(1)]);
    },
  );
});

describe('A failing disk', () => {
  const disk = smallDisk();
  if (disk !== undefined)
    test('that is full is told of at each save, keeps what is there, and takes the best when there is room again', async () => {
      const warnings: string[] = [];
      const checkpoints = openCheckpoints(disk, { warn: (line) => warnings.push(line) });
      await saveAll(checkpoints, [1, 2], 100_000);
      const [older, newer] = [readFileSync(pathOf(disk, 1)), readFileSync(pathOf(disk, 2))];
      const best = positionAt(3, 100_000);
      await expectTensorsLeft(1, () => checkpoints.save(best, null, { best: true })); // It waits for another try.
      dispose(best);
      await saveAll(checkpoints, [4, 5], 100_000);
      const why = '(ENOSPC: no space left on device)';
      // The best is tried again before each.
      expect(warnings).toEqual(
        [3, 3, 4, 3, 5].map((step) => `${pathOf(disk, step)} was not written ${why}. ${goesOn}`),
      );
      expect(filesIn(disk)).toEqual([1, 2].map(nameOf));
      expect(readFileSync(pathOf(disk, 1)).equals(older)).toBe(true);
      expect(readFileSync(pathOf(disk, 2)).equals(newer)).toBe(true);
      expect((await latestIn(checkpoints)).step).toBe(2);
      execFileSync('mount', ['-o', 'remount,size=4m', disk]);
      await saveAll(checkpoints, [6], 100_000);
      expect(filesIn(disk)).toEqual([3, 6].map(nameOf));
      expect((await checkpoints.latest())?.best).toBe(3);
      expect(warnings).toHaveLength(5);
      await checkpoints.close();
    });

  test('whose folder is removed is told of once, and the next save makes it again', async () => {
    const run = join(folder(), 'run');
    const warnings: string[] = [];
    const checkpoints = openCheckpoints(run, { warn: (line) => warnings.push(line) });
    await saveAll(checkpoints, [1]);
    rmSync(run, { recursive: true });
    expect(await saveAll(checkpoints, [2, 3])).toEqual([undefined, pathOf(run, 3)]);
    expect(warnings).toEqual([`${pathOf(run, 2)} was not written (ENOENT: no such file or directory). ${goesOn}`]);
    expect(filesIn(run)).toEqual([nameOf(3)]);
  });

  test('that gives an old checkpoint not up is told of, and costs nothing else', async () => {
    const run = folder();
    const warnings: string[] = [];
    const checkpoints = openCheckpoints(run, { keep: 1, warn: (line) => warnings.push(line) });
    await saveAll(checkpoints, [1]);
    unlinkSync(pathOf(run, 1));
    mkdirSync(pathOf(run, 1));
    await saveAll(checkpoints, [2]);
    expect(warnings).toEqual([`${pathOf(run, 1)} cannot be removed (EISDIR: illegal operation on a directory).`]);
    expect((await latestIn(checkpoints)).step).toBe(2);
  });
});

describe('A large position', () => {
  test('is written from the memory of its tensors and hashed on another thread, to the same file', async () => {
    const run = folder();
    const checkpoints = openCheckpoints(run);
    await saveAll(checkpoints, [1], 400_000);
    const position = positionAt(1, 400_000);
    const expected = await serialize(position, { checkpoint: 1, step: 1, about: { of: 1 } });
    expect(readFileSync(pathOf(run, 1)).equals(expected)).toBe(true);
    dispose(position);
  });

  test('whose tensors go to another backend while it is written is not saved, and says why', async () => {
    const run = folder();
    const warnings: string[] = [];
    const checkpoints = openCheckpoints(run, { warn: (line) => warnings.push(line) });
    // It keeps the numbers in memory of its own, as native does.
    const another = new MathBackendCPU();
    const move = another.move.bind(another);
    another.move = (id, values, ...rest) => move(id, (values as Float32Array).slice(), ...rest);
    tf.registerBackend('another', () => another);
    const position = positionAt(1, 400_000);
    const saving = checkpoints.save(position);
    tf.engine().moveData(another, position.params.dataId);
    expect(await saving).toBeUndefined();
    expect(warnings[0]).toMatch(
      /was not written \(its tensors moved to another backend meanwhile\)\. Training goes on/,
    );
    expect(await saveAll(checkpoints, [2])).toEqual([pathOf(run, 2)]);
    dispose(position);
    tf.removeBackend('another');
  });
});
