import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { steppe } from '../support/capture.ts';
import { events, tiny } from '../support/events.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-commands-'));
});
afterAll(() => rm(root, { recursive: true }));

const at = (...path: readonly string[]) => join(root, ...path);
const summaryOf = async (run: string) => JSON.parse(await readFile(at(run, 'summary.json'), 'utf8'));

describe('a comparison', () => {
  test('costs the same on both sides, from the same start', async () => {
    const { code, out, err } = await steppe(...tiny, '--compare', 'sgd', '--json', '--out', at('both'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const all = events(out);
    expect(all.every(({ schema }) => schema === 'steppe.events/1')).toBe(true);
    expect(all.every(({ timestamp }) => Math.abs(timestamp - Date.now() / 1000) < 3600)).toBe(true);
    const steps = (name: string) => all.filter(({ event, run }) => event === 'step' && run === name);
    expect([steps('SAM').length, steps('SGD').length]).toEqual([6, 12]);
    // The same weights and the same first batch: the same number.
    expect(steps('SGD')[0].record.loss).toBe(steps('SAM')[0].record.loss);
    expect(
      all.filter(({ event }) => event === 'summary').map(({ run, summary }) => [run, summary.gradientEvaluations]),
    ).toEqual([
      ['SAM', 12],
      ['SGD', 12],
    ]);
    expect(existsSync(at('both', 'sgd', 'weights.safetensors'))).toBe(true);
    // Both are compared on flatness, by the same measure.
    const measured = all.filter(({ event }) => event === 'evaluation').map(({ record }) => record.metrics.sharpness);
    expect(measured).toHaveLength(6);
    expect(measured.every(Number.isFinite)).toBe(true);
    const last = all.filter(({ event }) => event === 'summary').map(({ summary }) => summary.sharpness);
    expect(last).toEqual([measured[1], measured[5]]);
  });
});

describe('a seed', () => {
  const run = (seed: string, out: string) =>
    steppe(
      ...tiny,
      '--seed',
      seed,
      '--dropout',
      '0.2',
      '--augment',
      'cutout',
      '--epochs',
      '1',
      '--json',
      '--out',
      at(out),
    );

  test('decides everything, and nothing is left on the device', async () => {
    await run('3', 'three');
    const before = tf.memory().numTensors;
    await run('3', 'three-again');
    expect(tf.memory().numTensors).toBe(before);
    await run('4', 'four');
    const [three, again, four] = await Promise.all(['three', 'three-again', 'four'].map(summaryOf));
    expect({ ...again, seconds: 0 }).toEqual({ ...three, seconds: 0 });
    expect(four.testLoss).not.toBe(three.testLoss);
  });
});

describe('what ends with one line', () => {
  test('a folder that holds a run: nothing is written over', async () => {
    await steppe(...tiny, '--epochs', '1', '--json', '--out', at('taken'));
    const { code, out, err } = await steppe(...tiny, '--out', at('taken'));
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toMatch(
      /^steppe: --out must be a folder that is new or empty, got .*taken: it holds a run, which goes on by --resume .*taken\.\n$/,
    );
  });

  test('a batch of more images than there are', async () => {
    const { code, err } = await steppe(...tiny, '--batch', '25', '--out', at('large'));
    expect({ code, err }).toEqual({
      code: 64,
      err: 'steppe: --batch must be at most the 24 training images in use, got 25.\n',
    });
    expect(existsSync(at('large'))).toBe(false);
  });

  test('a device that is not there', async () => {
    const { code, err } = await steppe(...tiny, '--backend', 'cuda', '--out', at('cuda'));
    expect(code).toBe(64);
    expect(err).toMatch(/^steppe: --backend cuda cannot be used\. [^\n]+\n$/);
  });

  test('a loss that is not finite', async () => {
    const { code, err } = await steppe(
      ...tiny,
      '--lr',
      '1e30',
      '--clip',
      '0',
      '--rho',
      '0',
      '--json',
      '--out',
      at('diverged'),
    );
    expect(code).toBe(65);
    const of = 'the loss is (?:NaN|-?Infinity)';
    expect(err).toMatch(
      new RegExp(
        `^(Step (\\d+): ${of}; making it again from step \\d+ \\(failure [12] of 3\\)\\.\n){2}` +
          `steppe: Step \\2 failed 3 times in a row: ${of}; .*; ‖w‖ before it is [^ ]+\\. Lower the learning rate or rho, or look at the batch\\.\n$`,
      ),
    );
  });

  test('a last step that leaves the numbers', async () => {
    const one = ['train', '--preset', 'fashion-mini', '--backend', 'wasm', '--limit', '24', '--batch', '8'];
    const { code, err } = await steppe(...one, '--steps', '1', '--lr', '1e38', '--out', at('diverged-last'));
    expect(err).toMatch(/^steppe: (The test loss is NaN at step 1 |Step 1 failed 3 times in a row: )[^\n]*\.\n$/);
    expect(code).toBe(65);
    expect(existsSync(at('diverged-last', 'weights.safetensors'))).toBe(false);
  });

  test('a folder whose name no disk takes', async () => {
    const { code, err } = await steppe(...tiny, '--out', at('n'.repeat(300)));
    expect(code).toBe(64);
    expect(err).toMatch(/^steppe: --out must be a path that the disk takes, got a name of 300 characters: [^\n]+\n$/);
  });

  test('weights that were damaged', async () => {
    const bytes = await readFile(at('taken', 'weights.safetensors'));
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(at('damaged.safetensors'), bytes);
    const { code, out, err } = await steppe('evaluate', at('damaged.safetensors'), '--backend', 'wasm');
    expect({ code, out }).toEqual({ code: 65, out: '' });
    expect(err).toMatch(/^steppe: .*damaged\.safetensors: Not an intact tree file: [^\n]*\n$/);
  });

  test('a folder without weights', async () => {
    const { code, err } = await steppe('evaluate', root, '--backend', 'wasm');
    expect({ code, lines: err.split('\n').length }).toEqual({ code: 64, lines: 2 });
  });
});

test('data that is not on this machine: says what to put where', async () => {
  const { code, err } = await steppe('train', '--dataset', 'cifar10', '--data', at('nothing'));
  expect(code).toBe(65);
  expect(err).toMatch(/^steppe: cifar10 is not on this machine.*--download/);
});

test('evaluate tells people what it measured', async () => {
  const { testError } = await summaryOf('taken');
  const { code, out } = await steppe('evaluate', at('taken'), '--backend', 'wasm');
  expect(code).toBe(0);
  expect(out).toContain(`WRN-10-1: test error ${(100 * testError).toFixed(2)} %`);
});
