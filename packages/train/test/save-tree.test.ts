import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { key } from '@steppe/random';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { smallDisk } from '../../../tools/vitest/small-disk.ts';
import { train } from '../src/index.ts';
import { loadTree, openRunLog, readRunLog, saveTree } from '../src/node.ts';
import { folder } from './support/folder.ts';
import { expectTensorsLeft } from './support/leaks.ts';
import { batches, initial, numbers, regression, withMomentum } from './support/regression.ts';

beforeAll(() => tf.setBackend('cpu'));

test.each([undefined, null, '', 3, {}])('%o is refused in the place of a path', async (odd) => {
  const got = { undefined: 'nothing', null: 'null', '': '""', 3: '3' }[String(odd)] ?? '{}';
  const path = odd as never;
  await expect(loadTree(path)).rejects.toThrow(`file must be a path, got ${got}.`);
  await expect(saveTree(path, null)).rejects.toThrow(`file must be a path, got ${got}.`);
  await expect(readRunLog(path)).rejects.toThrow(`folder must be a path, got ${got}.`);
  expect(() => openRunLog(path)).toThrow(`folder must be a path, got ${got}.`);
});

describe('saveTree and loadTree', () => {
  test('name a file of another kind by what it looks like', async () => {
    const file = join(folder(), 'weights.safetensors');
    writeFileSync(file, '<!DOCTYPE html><title>404</title>');
    await expect(loadTree(file)).rejects.toThrow('Not an intact tree file: it looks like an HTML page.');
  });

  test('keep a training position: what goes on from the file ends where the run without a break ends', async () => {
    const file = join(folder(), 'position.safetensors');
    const step = regression(withMomentum());
    const { params, state } = initial();
    const start = step.start(params, state, key(5));
    const whole = await train(step, start, batches(30));
    const half = await train(step, start, batches(13));
    await expectTensorsLeft(0, () => saveTree(file, half, { dataset: 'sines', best: Number.POSITIVE_INFINITY }));
    const { tree, metadata } = await loadTree(file);
    const rest = await train(step, tree as typeof half, batches(17, 13));
    expect(metadata).toStrictEqual({ dataset: 'sines', best: Number.POSITIVE_INFINITY });
    expect(numbers(rest)).toStrictEqual(numbers(whole));
    expect([rest.step, rest.key]).toEqual([30, key(5)]);
    dispose(params, state, start, whole, half, tree, rest);
  });

  test('leave one file with a name of its own, whatever stood there before', async () => {
    const run = folder();
    const file = join(run, 'w');
    writeFileSync(file, 'old');
    await saveTree(file, null);
    expect(readdirSync(run)).toEqual(['w']);
    expect(await loadTree(file)).toEqual({ tree: null, metadata: null });
  });

  test('say which file is missing, is none or is damaged, in one line and at once', async () => {
    const run = folder();
    const file = join(run, 'w');
    const reason = (path: string): Promise<string> => loadTree(path).then(String, (error: Error) => error.message);
    expect(await reason(file)).toBe(`${file} cannot be read (ENOENT: no such file or directory).`);
    expect(await reason(run)).toBe(`${run} must be a file, got a folder.`);
    execFileSync('mkfifo', [join(run, 'FIFO')]);
    expect(await reason(join(run, 'FIFO'))).toBe(`${join(run, 'FIFO')} must be a file, got a FIFO.`);
    expect(await reason('/dev/zero')).toBe('/dev/zero must be a file, got a device.');
    await saveTree(file, null);
    writeFileSync(file, readFileSync(file).subarray(0, 90));
    await expect(loadTree(file)).rejects.toThrow(/^[^\n]*w: Not an intact tree file: it is cut short: [^\n]*$/);
  });

  test('fail with the reason, keep what was there and remove the temporary file', async () => {
    const run = folder();
    mkdirSync(join(run, 'taken'));
    await expect(saveTree(join(run, 'taken'), null)).rejects.toThrow(
      /taken was not written: it must be a file, got a folder\.$/,
    );
    expect(readdirSync(run)).toEqual(['taken']);
    await expect(saveTree(join(run, 'missing', 'w'), null)).rejects.toThrow('(ENOENT: no such file or directory)');
  });

  const disk = smallDisk();
  if (disk !== undefined)
    test('keep the file that was there when the disk is full', async () => {
      const file = join(disk, 'w');
      const [small, large] = [tf.fill([100_000], 1), tf.fill([200_000], 2)];
      await saveTree(file, small);
      await expect(saveTree(file, large)).rejects.toThrow(`${file} was not written (ENOSPC: no space left on device).`);
      expect(readdirSync(disk)).toEqual(['w']);
      const { tree } = await loadTree(file);
      expect((tree as tf.Tensor).size).toBe(small.size);
      dispose(small, large, tree);
    });
});
