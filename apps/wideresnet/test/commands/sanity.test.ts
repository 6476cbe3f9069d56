import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Profile, Share } from '../../src/run/profile.ts';
import { steppe } from '../support/capture.ts';
import { events, tiny } from '../support/events.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-sanity-'));
});
afterAll(() => rm(root, { recursive: true }));

test('a dry run makes a step, says what the whole would take, and leaves nothing', async () => {
  const out = join(root, 'dry');
  const said = await steppe(...tiny, '--dry-run', '--out', out);
  expect({ code: said.code, err: said.err }).toEqual({ code: 0, err: '' });
  expect(said.out).toMatch(/SAM: a step took .* so 6 steps take about .*, evaluations /);
  expect(said.out).toMatch(/a step holds up to [\d.]+ MB of tensors at once, .*\nDry run: nothing was written\.\n$/);
  const before = tf.memory().numTensors;
  const { out: json } = await steppe(...tiny, '--dry-run', '--compare', 'sgd', '--json', '--out', out);
  expect(tf.memory().numTensors).toBe(before);
  const { estimates } = events(json).at(-1);
  expect(
    estimates.map(({ name, steps, gradientEvaluations }: Profile & Record<string, unknown>) => [
      name,
      steps,
      gradientEvaluations,
    ]),
  ).toEqual([
    ['SAM', 6, 12],
    ['SGD', 12, 12],
  ]);
  expect(estimates[0].peakBytes).toBeGreaterThan(4 * 77_562 * 2);
  expect(existsSync(out)).toBe(false);
});

test('a few batches over and over, quietly, with a profile at the end', async () => {
  const out = join(root, 'overfit');
  const short = ['--overfit', '1', '--steps', '5', '--quiet', '--profile'];
  const whole = tiny.slice(0, tiny.indexOf('--epochs'));
  const said = await steppe(...whole, ...short, '--lr', '0.02', '--out', out);
  expect(said.code).toBe(0);
  expect(said.err).toMatch(/Overfit: the loss on the batch fell from [\d.]+ to [\d.]+ in 5 steps\./);
  expect(said.err).toMatch(/^samTransform\(0\.05, 2\) +\d+ /m);
  // Only what came of it.
  expect(said.out).toMatch(/^\nSAM: test error /);

  const profile: Profile = JSON.parse(await readFile(join(out, 'profile.json'), 'utf8'));
  const timeOf = (shares: readonly Share[]): number => shares.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  expect(timeOf(profile.links)).toBeCloseTo(profile.kernelMilliseconds, 6);
  expect(timeOf(profile.kernels)).toBeCloseTo(profile.kernelMilliseconds, 6);
  // Both passes of SAM: ten convolutions and the three of the shortcuts, but for the first group's.
  expect(profile.links[0]?.name).toBe('the loss and its gradient');
  expect(profile.links.map(({ name }) => name)).toContain('trace(0.9, { nesterov: true })');
  expect(profile.kernels.find(({ name }) => name === 'Conv2D')?.calls).toBe(2 * 9);
  const { options, steps } = JSON.parse(await readFile(join(out, 'config.json'), 'utf8'));
  expect(options).toMatchObject({ overfit: 1, steps: 5 });
  expect(options).not.toHaveProperty('quiet');
  expect(steps).toBe(5);
});

test('more batches than there are', async () => {
  const { code, err } = await steppe(...tiny, '--overfit', '4');
  expect({ code, err }).toEqual({
    code: 64,
    err: 'steppe: --overfit must be at most the 3 batches of 8 in 24 training images, got 4.\n',
  });
});
