import { copyFileSync, mkdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dispose, leaves } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { cutShort, flipBits } from '../../../../tools/checkpoints/damage.mjs';
import { openCheckpoints, saveTree } from '../../src/node.ts';
import { folder } from '../support/folder.ts';
import { expectTensorsLeft } from '../support/leaks.ts';
import { latestIn, pathOf, positionAt, saveAll } from '../support/positions.ts';

beforeAll(() => tf.setBackend('cpu'));

const fixture = fileURLToPath(new URL('../fixtures/checkpoint-version-1.safetensors', import.meta.url));

describe('A damaged checkpoint', () => {
  test('is refused wherever it is cut and whichever bit is turned over', async () => {
    const run = folder();
    const checkpoints = openCheckpoints(run);
    await saveAll(checkpoints, [1]);
    const at = { step: 1, checkpoints };
    // tools/checkpoints/faults.mjs does it at every byte and with 20,000 bits.
    expect(await cutShort(pathOf(run, 1), 7, at)).toBe(0);
    expect(await flipBits(pathOf(run, 1), 300, at)).toBe(0);
    expect((await latestIn(checkpoints)).step).toBe(1);
  });

  test('is passed over, with the reason, for the one before; training goes on over it', async () => {
    const run = folder();
    await saveAll(openCheckpoints(run), [1, 2]);
    truncateSync(pathOf(run, 2), 400);
    const checkpoints = openCheckpoints(run);
    const { step, skipped } = await expectTensorsLeft(0, () => latestIn(checkpoints));
    expect([step, skipped.length, skipped[0]?.file]).toEqual([1, 1, pathOf(run, 2)]);
    expect(skipped[0]?.why).toMatch(/^Not an intact tree file: it is cut short: /);
    await saveAll(checkpoints, [2]);
    expect(await latestIn(checkpoints)).toMatchObject({ step: 2, skipped: [] });
  });

  test('is never taken for none: where all are damaged the reader says so for each', async () => {
    const run = folder();
    const checkpoints = openCheckpoints(run);
    await saveAll(checkpoints, [1, 2]);
    truncateSync(pathOf(run, 1), 5);
    writeFileSync(pathOf(run, 2), '<!DOCTYPE html>');
    await expect(expectTensorsLeft(0, () => checkpoints.latest())).rejects.toThrow(
      `No checkpoint in ${join(run, 'checkpoints')} is intact. ` +
        `${pathOf(run, 2)}: Not an intact tree file: it looks like an HTML page. Load an older copy or save it again. ` +
        `${pathOf(run, 1)}: Not an intact tree file: it is cut short: it has 5 bytes.`,
    );
  });

  test('includes one that is no checkpoint, or of another step than its name says', async () => {
    const run = folder();
    const checkpoints = openCheckpoints(run);
    await saveAll(checkpoints, [1]);
    copyFileSync(pathOf(run, 1), pathOf(run, 5));
    await saveTree(pathOf(run, 4), null);
    const odd = positionAt(3);
    await saveTree(pathOf(run, 3), { ...odd, key: 7 }, { checkpoint: 1, step: 3 });
    mkdirSync(pathOf(run, 2));
    dispose(odd);
    const { skipped } = await expectTensorsLeft(0, () => latestIn(checkpoints));
    expect(skipped.map(({ why }) => why)).toEqual([
      'it holds step 1: it was renamed.',
      'it is a tree that was saved alone, not a checkpoint.',
      'it holds no training position.',
      'must be a file, got a folder.',
    ]);
  });
});

describe('The format', () => {
  test('of version 1 is read for ever: a file that was written on the first day', async () => {
    const run = folder();
    mkdirSync(join(run, 'checkpoints'));
    copyFileSync(fixture, pathOf(run, 1234));
    const { position, about, best } = (await openCheckpoints(run).latest()) ?? {};
    expect([position?.step, position?.key, about, best]).toEqual([
      1234,
      { threefry: [0, 42] },
      { dataset: 'fashion-mnist', seconds: 12.5, loss: Number.NaN },
      1200,
    ]);
    expect(leaves(position ?? null).map(({ path, leaf }) => [path, leaf.dtype, [...leaf.dataSync()]])).toEqual([
      ['.params.w', 'float32', [0.5, -1.25, 3]],
      ['.state.seen', 'int32', [7]],
      ['.optimizer[1].mask', 'bool', [1, 0]],
    ]);
    dispose(position ?? null);
  });

  test('of a later version is refused with its number, of the file as of what it holds', async () => {
    const run = folder();
    const checkpoints = openCheckpoints(run);
    await saveAll(checkpoints, [1]);
    const text = readFileSync(pathOf(run, 1)).toString('latin1');
    writeFileSync(pathOf(run, 2), text.replace('"steppe":"1"', '"steppe":"2"'), 'latin1');
    const later = positionAt(3);
    await saveTree(pathOf(run, 3), later, { checkpoint: 2, step: 3 });
    dispose(later);
    const { step, skipped } = await latestIn(checkpoints);
    expect(step).toBe(1);
    expect(skipped.map(({ why }) => why)).toEqual([
      'it is a checkpoint of version 2, this one reads version 1: update @steppe/train.',
      'Not an intact tree file: it has format "2", this version reads format "1". Load an older copy or save it again.',
    ]);
  });

  test('is safetensors: a reader of a few lines finds the numbers by the names of the tree', async () => {
    const run = folder();
    const checkpoints = openCheckpoints(run);
    await saveAll(checkpoints, [6]);
    const bytes = readFileSync(pathOf(run, 6));
    const begin = 8 + Number(bytes.readBigUInt64LE(0));
    const { __metadata__: metadata, ...tensors } = JSON.parse(bytes.toString('utf8', 8, begin));
    expect(tensors).toEqual({ '.params': { dtype: 'F32', shape: [3], data_offsets: [0, 12] } });
    expect([0, 4, 8].map((at) => bytes.readFloatLE(begin + at))).toEqual([6, 6, 6]);
    expect(begin % 8).toBe(0);
    expect(begin + 12).toBe(statSync(pathOf(run, 6)).size);
    expect(JSON.parse(metadata.metadata)).toEqual({ checkpoint: 1, step: 6, about: { of: 6 } });
  });
});

test('The latest is the one of the latest step, whatever the clock said when it was written', async () => {
  const run = folder();
  const checkpoints = openCheckpoints(run, { keep: 3 });
  await saveAll(checkpoints, [9, 10, 11]);
  for (const [step, year] of [
    [9, 2030],
    [10, 2020],
    [11, 2000],
  ] as const)
    utimesSync(pathOf(run, step), new Date(year, 0), new Date(year, 0));
  expect((await latestIn(checkpoints)).step).toBe(11);
});
