import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { registerNative } from '@steppe/native';
import { key } from '@steppe/random';
import { dispose, serialize } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { train } from '../../src/index.ts';
import { openCheckpoints } from '../../src/node.ts';
import { folder } from '../support/folder.ts';
import { expectTensorsLeft } from '../support/leaks.ts';
import { filesIn, nameOf, positionAt, saveAll } from '../support/positions.ts';
import { batches, initial, numbers, regression, withMomentum } from '../support/regression.ts';

beforeAll(async () => {
  await registerNative();
  await tf.setBackend('cpu');
});

describe('openCheckpoints', () => {
  test('keeps a position whole: what goes on from it ends where the run without a break ends', async () => {
    const run = folder();
    const step = regression(withMomentum());
    const { params, state } = initial();
    const start = step.start(params, state, key(5));
    const whole = await train(step, start, batches(30));
    const half = await train(step, start, batches(13));
    const checkpoints = openCheckpoints(run);
    expect(await checkpoints.latest()).toBeUndefined();
    const saving = expectTensorsLeft(0, () => checkpoints.save(half, { epoch: 2, loss: Number.NaN }));
    expect(await saving).toBe(join(run, 'checkpoints', nameOf(13)));
    await checkpoints.close();
    const found = await openCheckpoints(run).latest();
    const position = found?.position as typeof half;
    const rest = await train(step, position, batches(17, 13));
    expect([found?.step, found?.about, found?.best]).toEqual([13, { epoch: 2, loss: Number.NaN }, undefined]);
    expect(numbers(rest)).toStrictEqual(numbers(whole));
    dispose(params, state, start, whole, half, position, rest);
  });

  test.each(['cpu', 'native'])(
    'writes on %s, of every type and of none, the file that serialize makes',
    async (backend) => {
      await tf.setBackend(backend);
      onTestFinished(() => void tf.setBackend('cpu'));
      const run = folder();
      const params = {
        w: tf.tensor2d([[1, Number.NaN, -0]]),
        mask: tf.tensor1d([1, 0], 'bool'),
        n: tf.scalar(7, 'int32'),
        none: tf.zeros([0, 3]),
      };
      const position = { step: 4, params, state: null, optimizer: [], key: key(0) };
      const checkpoints = openCheckpoints(run);
      const expected = await serialize(position, { checkpoint: 1, step: 4, best: 4, about: { a: 1 } });
      const saving = checkpoints.save(position, { a: 1 }, { best: true });
      // What is freed and taken again at once by another tensor is not what is written.
      dispose(position);
      const others = [1, 2, 3].map(() => [tf.fill([1, 3], 9), tf.fill([2], 1, 'bool'), tf.scalar(9, 'int32')]);
      expect(readFileSync((await saving) ?? '').equals(expected)).toBe(true);
      dispose(others);
      await checkpoints.close();
    },
  );

  test('keeps the last ones and the best, whatever else lies there', async () => {
    const run = folder();
    const checkpoints = openCheckpoints(run, { keep: 2 });
    writeFileSync(join(run, 'checkpoints', 'notes.txt'), 'mine');
    await saveAll(checkpoints, [1, 2]);
    const best = positionAt(3);
    await checkpoints.save(best, null, { best: true });
    await saveAll(checkpoints, [4, 5, 6]);
    expect(filesIn(run)).toEqual(['notes.txt', ...[3, 5, 6].map(nameOf)]);
    const again = openCheckpoints(run, { keep: 1 });
    expect((await again.latest())?.best).toBe(3);
    await saveAll(again, [7]);
    expect(filesIn(run)).toEqual(['notes.txt', ...[3, 7].map(nameOf)]);
    expect((await again.at(3)).position.step).toBe(3);
    await expect(again.at(6)).rejects.toThrow(`${nameOf(6)} cannot be read (ENOENT: no such file or directory).`);
  });

  test('removes nothing of a run that it has not looked at', async () => {
    const run = folder();
    await saveAll(openCheckpoints(run), [1, 2]);
    await saveAll(openCheckpoints(run, { keep: 1 }), [3, 4]);
    expect(filesIn(run)).toEqual([1, 2, 4].map(nameOf));
  });

  test('writes one at a time: the newest and the best wait, what they replace is told', async () => {
    const run = folder();
    const checkpoints = openCheckpoints(run, { keep: 9 });
    const before = tf.memory().numTensors;
    const saves = [1, 2, 3, 4, 5, 6].map((step) => {
      const position = positionAt(step);
      const save = checkpoints.save(position, null, { best: step === 2 || step === 4 });
      dispose(position);
      return save.then((file) => (file === undefined ? 'replaced' : step));
    });
    await checkpoints.close();
    expect(await Promise.all(saves)).toEqual([1, 'replaced', 'replaced', 4, 'replaced', 6]);
    expect(filesIn(run)).toEqual([1, 4, 6].map(nameOf));
    expect((await checkpoints.latest())?.best).toBe(4);
    expect(tf.memory().numTensors - before).toBe(1);
  });

  test('refuses what cannot be saved at once, in one line, and goes on', async () => {
    const run = folder();
    const warnings: string[] = [];
    const checkpoints = openCheckpoints(run, { warn: (line) => warnings.push(line) });
    const position = positionAt(1);
    const odd = { ...position, params: tf.complex(1, 2) };
    await expect(checkpoints.save({ ...position, step: 0.5 })).rejects.toThrow('position must be a position, as');
    await expect(checkpoints.save(odd)).rejects.toThrow('got complex64 at ".params": cast it.');
    await expect(checkpoints.save(position, new Date() as never)).rejects.toThrow('got a Date at "."');
    expect(await checkpoints.save(position)).toMatch(nameOf(1));
    await checkpoints.close();
    await expect(checkpoints.save(position)).rejects.toThrow(
      `The checkpoints of ${run} are closed: save before close().`,
    );
    expect(warnings).toEqual([]);
    expect(() => openCheckpoints('')).toThrow('folder must be a path, got "".');
    expect(() => openCheckpoints(run, { keep: 0 })).toThrow('keep must be a positive whole number, got 0.');
    expect(() => openCheckpoints('/dev/null')).toThrow(
      '/dev/null/checkpoints cannot be made (ENOTDIR: not a directory).',
    );
  });
});
