import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { radiiAt } from '../../src/sharpness/advise-run.ts';
import { steppe } from '../support/capture.ts';

let root = '';
let run = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-rho-'));
  run = join(root, 'run');
  const { code, err } = await steppe(
    ...[
      'train',
      '--preset',
      'label-noise-mini',
      '--backend',
      'wasm',
      '--limit',
      '24',
      '--batch',
      '12',
      '--epochs',
      '2',
    ],
    ...['--network', 'mlp', '--widths', '4', '--rho', '0.3', '--compare', 'none', '--keep-checkpoints', '9', '--quiet'],
    ...['--freeze', 'dense', '--out', run],
  );
  expect([code, err]).toEqual([0, '']);
});
afterAll(() => rm(root, { recursive: true }));

const few = ['rho', '--backend', 'wasm', '--limit', '12'];
/** The folder in which the run has its first results. */
const results = async (): Promise<string> =>
  join(run, (await readdir(run)).filter((name) => name.startsWith('rho-')).sort()[0] ?? '');

test('a run gets a table over the radii of the paper with its own marked, advice, a file and the curve', async () => {
  const before = tf.memory().numTensors;
  const { code, out, err } = await steppe(...few, run);
  expect([code, err]).toEqual([0, '']);
  expect(tf.memory().numTensors).toBe(before);
  const found = JSON.parse(await readFile(join(await results(), 'rho.json'), 'utf8'));
  expect(found).toMatchObject({
    schema: 'steppe.rho/1',
    step: 4,
    p: 2,
    own: 0.3,
    images: { split: 'train', examples: 12 },
  });
  expect(found.points.map(({ rho }: { rho: number }) => rho)).toEqual([0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5]);
  for (const { rho, rise, promised, linearizationRatio, gradientCosine } of found.points) {
    expect(promised / rho).toBeCloseTo(found.points[0].promised / 0.01, 5);
    expect(linearizationRatio).toBeCloseTo(rise / promised, 5);
    expect(Math.abs(gradientCosine)).toBeLessThanOrEqual(1.0001);
  }
  // Near enough the loss is linear, and both gradients are one.
  expect(found.points[0].linearizationRatio).toBeCloseTo(1, 0);
  expect(found.points[0].gradientCosine).toBeGreaterThan(0.9);
  const text = out.replace(/\s+/g, ' ');
  expect(out).toMatch(/^0\.3 .* the run's own ρ$/m);
  expect(text).toContain(found.advice.words.replace(/\.$/, ';'));
  expect(text).toContain('does not tell which ρ generalizes best');
  expect((await readdir(await results())).sort()).toEqual(['rho-curve.png', 'rho-curve.svg', 'rho.json']);
  const svg = await readFile(join(await results(), 'rho-curve.svg'), 'utf8');
  for (const name of ['true rise', 'promised', 'own ρ']) expect(svg).toContain(name);
});

test('programs get one object, of the weights of a checkpoint, at another norm whose radii are comparable', async () => {
  const out = join(root, 'elsewhere');
  const ended = await steppe(...few, run, '--step', '2', '--p', 'inf', '--data', 'test', '--json', '--out', out);
  expect([ended.code, ended.out.trim().split('\n').length]).toEqual([0, 1]);
  const { event, result, files } = JSON.parse(ended.out);
  expect([event, result.step, result.own, result.images.split]).toEqual(['rho', 2, null, 'test']);
  expect(result.points).toHaveLength(6);
  expect(result.points[5].rho).toBeLessThan(0.02);
  expect(files).toEqual(['rho.json', 'rho-curve.svg', 'rho-curve.png'].map((name) => join(out, name)));
});

test('radii at another norm are as long as those of the paper', () => {
  expect(radiiAt(Number.POSITIVE_INFINITY, 10_000, 0.001)).toEqual([0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005]);
  expect(radiiAt(2, 7, 0.05)).toEqual([0.01, 0.02, 0.05, 0.1, 0.2, 0.5]);
});

test('what cannot be advised on is refused in one line, and leaves nothing', async () => {
  const out = join(root, 'refused');
  const refusals = [
    [[run, '--step', '3'], /^steppe: --step must be one of (\d, )+4, of which .* has weights, got 3: /],
    [[run, '--step', 'last'], /^steppe: --step must be a whole number of at least 1, got "last"\.$/],
    [[run, '--limit', '0'], /^steppe: --limit must be a whole number of at least 1, got 0\.$/],
    [[run, '--p', '0.5'], /^steppe: --p must be a number of at least 1, or inf, got 0\.5\.$/],
    [[join(root, 'nowhere')], /^steppe: No run at .*nowhere/],
    [[run, run], /^steppe: .*too many arguments/],
    [[], /^steppe: missing required argument/],
  ] as const;
  for (const [argv, line] of refusals) {
    const ended = await steppe('rho', '--backend', 'wasm', '--out', out, ...argv);
    expect([argv, ended.code, ended.err.trim()]).toEqual([argv, 64, expect.stringMatching(line)]);
    expect(ended.err.trim()).not.toContain('\n');
    // What is wrong in the words that were typed is said before any device is.
    if (ended.err.includes('nowhere')) expect(ended.out).toBe('');
  }
  expect(existsSync(out)).toBe(false);
});

test('help says what the advice is not', async () => {
  const { out, code } = await steppe('rho', '--help');
  expect(code).toBe(0);
  expect(out.replace(/\s+/g, ' ')).toContain('which ρ generalizes best only held-out images say');
  expect(out).toContain('--step <n>');
});
