import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '@steppe/files';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { steppe } from '../support/capture.ts';

const network = ['--network', 'mlp', '--widths', '4'];
const train = [
  ...['train', '--preset', 'label-noise-mini', '--backend', 'wasm', '--limit', '24', '--batch', '12', '--epochs', '2'],
  ...[...network, '--keep-checkpoints', '9', '--quiet'],
];
let root = '';
let run = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-sharpness-'));
  run = join(root, 'run');
  const { code, err } = await steppe(...train, '--out', run);
  expect([code, err]).toEqual([0, '']);
});
afterAll(() => rm(root, { recursive: true }));

/** The folders in which a run has results. */
const resultsIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder))
    .filter((name) => name.startsWith('sharpness-'))
    .sort()
    .map((name) => join(folder, name));
const read = async (folder: string) => JSON.parse(await readFile(join(folder, 'sharpness.json'), 'utf8'));
const few = ['sharpness', '--backend', 'wasm', '--limit', '12'];
const mine = ['--measures', 'sam,worst,eigenvalues,trace,spectrum,rho-curve,norm,landscape'];

test('a run gets its numbers with errors, a file, pictures, and the sentence that no measure tells all', async () => {
  const before = tf.memory().numTensors;
  const { code, out, err } = await steppe(...few, ...mine, run);
  expect([code, err]).toEqual([0, '']);
  expect(tf.memory().numTensors).toBe(before);
  expect(out).toMatch(/λ_max +\S+ ± \S+/);
  expect(out).toMatch(/tr H +\S+ ± \S+/);
  expect(out).toContain('No measure predicts generalization by itself');
  expect(out.replace(/\s+/g, ' ')).toMatch(
    /cross entropy on 12 training images of fashion-mnist-mini, ρ = 0\.2 at p = 2, batch normalization by/,
  );
  const [folder = ''] = await resultsIn(run);
  const { schema, runs } = await read(folder);
  const [found] = runs;
  expect([schema, runs.length]).toEqual(['steppe.sharpness/1', 1]);
  expect(found).toMatchObject({
    step: 4,
    batchNorm: 'evaluation',
    images: { split: 'train', examples: 12, batch: 12, sameData: true },
    rho: 0.2,
  });
  expect(Object.keys(found.measures)).toEqual(mine[1]?.split(','));
  const { eigenvalues, landscape, sam, worst } = found.measures;
  expect(worst.readings[0].value).toBeGreaterThanOrEqual(sam.readings[0].value);
  expect(eigenvalues.readings[0]).toMatchObject({ name: 'λ_max', errorIs: 'bound' });
  expect(landscape.found.values[20]).toBeCloseTo(found.loss, 5);
  expect((await readdir(folder)).sort()).toEqual([
    'landscape.png',
    'landscape.svg',
    'rho-curve.png',
    'rho-curve.svg',
    'sharpness.json',
    'spectrum.png',
    'spectrum.svg',
  ]);
});

test('one run is looked at by the weights of a checkpoint, too', async () => {
  const before = tf.memory().numTensors;
  const losses: number[] = [];
  for (const step of [2, 4]) {
    const out = join(root, `step-${step}`);
    const ended = await steppe(...few, '--measures', 'sam', '--step', String(step), run, '--out', out);
    expect([ended.code, ended.err]).toEqual([0, '']);
    const [found] = (await read(out)).runs;
    expect(found.step).toBe(step);
    losses.push(found.loss);
  }
  expect(losses[0]).not.toBe(losses[1]);
  expect(tf.memory().numTensors).toBe(before);
});

test('a run without weights is told what to do, as it was left: under way, broken off or robbed of them', async () => {
  const place = join(root, 'bare');
  await mkdir(place);
  await writeFile(join(place, 'config.json'), '{}');
  const said = async () => (await steppe(...few, place)).err.trim();
  expect(await said()).toMatch(/bare has no weights\.safetensors, which a run leaves at its end: --resume \S+ goes on/);
  expect(await withLock(join(place, 'run.lock'), said)).toMatch(/bare is still being trained, .* wait for it/);
  await writeFile(join(place, 'summary.json'), '{}');
  expect(await said()).toMatch(/bare was trained, and its weights\.safetensors is gone: bring the file back, or train/);
});

test('a radius that float32 does not resolve is marked as rounding, in the table and in the file', async () => {
  const out = join(root, 'tiny');
  const ended = await steppe(...few, '--measures', 'sam,average', '--rho', '1e-9', run, '--out', out);
  expect([ended.code, ended.err]).toEqual([0, '']);
  expect(ended.out).toMatch(/sharpness of SAM .*\(rounding: float32 tells no less than \S+\)/);
  expect(ended.out.replace(/\s+/g, ' ')).toContain('a larger --rho has a larger one');
  const { sam, average } = (await read(out)).runs[0].measures;
  for (const { readings } of [sam, average]) {
    const [{ value, resolution, note }] = readings;
    expect(Math.abs(value)).toBeLessThanOrEqual(resolution);
    expect(note).toContain('rounding');
  }
  expect(ended.out).toMatch(/The file is in .*tiny: sharpness\.json$/m);
});

test('a config.json that was edited is told, and the weights count', async () => {
  const file = join(run, 'config.json');
  const whole = await readFile(file, 'utf8');
  const measured = async (config: string) => {
    await writeFile(file, config);
    try {
      return (await steppe(...few, '--measures', 'norm', run)).out.replace(/\s+/g, ' ');
    } finally {
      await writeFile(file, whole);
    }
  };
  expect(await measured(whole.replace(/"epochs": 2\b/, '"epochs": 3'))).toContain(
    'config.json differs from what the weights beside it were trained with, in epochs: the weights count.',
  );
  expect(await measured('{}')).toContain('config.json is not as steppe train left it');
  expect(await measured(whole)).not.toContain('note:');
});

test('runs beside each other are compared at equal loss where checkpoints allow it, with the barrier between', async () => {
  const out = join(root, 'compared');
  const rival = join(run, 'sgd');
  const { code, out: said } = await steppe(
    ...few,
    '--measures',
    'surface,barrier,trajectory',
    run,
    rival,
    '--out',
    out,
  );
  expect(code).toBe(0);
  expect(said).toMatch(/Compared at equal loss: |Not at equal loss: /);
  expect(said).toMatch(/barrier +\S+ +\S+/);
  const { runs, barrier, trajectory } = await read(out);
  const [one, other] = runs;
  expect(one.comparison).toMatchObject({ isEqual: other.comparison.isEqual, with: [other.name] });
  if (one.comparison.isEqual) expect(one.comparison.ratio).toBeLessThanOrEqual(1.1);
  expect(barrier).toMatchObject({ of: 'lossBarrier', batchNorm: 'training' });
  expect(trajectory.found.paths).toHaveLength(2);
  const pictures = (await readdir(out)).filter((name) => name !== 'sharpness.json');
  expect(pictures.sort()).toEqual(
    ['barrier', 'surface', 'trajectory'].flatMap((name) => [`${name}.png`, `${name}.svg`]),
  );
});

test('programs get one object on standard output; a measure that cannot be taken says why, and the others go on', async () => {
  const { code, out } = await steppe(
    ...few,
    '--measures',
    'landscape,trajectory',
    join(run, 'sgd'),
    '--seed',
    '3',
    '--data',
    'test',
    '--json',
  );
  expect(code).toBe(0);
  const { event, runs } = JSON.parse(out);
  expect(event).toBe('sharpness');
  expect(runs[0].images.split).toBe('test');
  expect(runs[0].measures.landscape.readings).toHaveLength(1);
});

test('a second measurement leaves the first as it was; landscapes lie along eigenvectors where they are asked for', async () => {
  const before = await resultsIn(run);
  const { code, out, err } = await steppe(
    ...few,
    '--measures',
    'eigenvalues,landscape,surface',
    '--axes',
    'eigenvectors',
    run,
  );
  expect([code, err]).toEqual([0, '']);
  const after = await resultsIn(run);
  expect([after.length, after.slice(0, before.length)]).toEqual([before.length + 1, before]);
  const { runs } = await read(after.at(-1) as string);
  const { loss, axes, measures } = runs[0];
  expect(axes).toBe('eigenvectors');
  // A step h along a unit eigenvector curves the loss by its eigenvalue, to the second order: λ ≈ (L(h) + L(-h) - 2·L) / h².
  const { at, values } = measures.landscape.found;
  const h = at[21];
  const curved = (values[21] + values[19] - 2 * values[20]) / h ** 2;
  expect(values[20]).toBeCloseTo(loss, 5);
  expect(curved / measures.eigenvalues.readings[0].value).toBeCloseTo(1, 0);
  expect(out).toContain('loss at α = ±0.5');
  expect(await readFile(join(after.at(-1) as string, 'landscape.svg'), 'utf8')).toContain(
    'first eigenvector of the Hessian',
  );
});

test('runs of different networks, labels and losses are told apart, and have no way between them', async () => {
  const [wide, smooth, out] = ['wide', 'smooth', 'of-two'].map((name) => join(root, name)) as [string, string, string];
  expect((await steppe(...train, '--compare', 'none', '--widths', '5', '--out', wide)).code).toBe(0);
  expect(
    (await steppe(...train, '--compare', 'none', '--bootstrap', 'soft', '--label-noise', '0', '--out', smooth)).code,
  ).toBe(0);
  const { code, out: said } = await steppe(...few, '--measures', 'sam,barrier', wide, smooth, '--out', out);
  const text = said.replace(/\s+/g, ' ');
  expect(code).toBe(0);
  for (const what of ['networks', 'labels', 'losses'])
    expect(text).toContain(`Not comparable, the runs are of different ${what}: `);
  expect(text).toMatch(/barrier is not measured: between weights of different networks, .* there is no straight way/);
  const { runs } = await read(out);
  expect(runs.map(({ lossIs }: { lossIs: string }) => lossIs)).toEqual([
    'cross entropy',
    'cross entropy with soft bootstrapping',
  ]);
  const alone = await steppe(...few, '--measures', 'barrier', wide, smooth);
  expect([alone.code, alone.err]).toEqual([
    65,
    expect.stringMatching(/^steppe: Nothing could be measured\. barrier: /),
  ]);
});

test('what cannot be measured is refused in one line, and leaves what was there', async () => {
  const broken = join(root, 'weights.safetensors');
  await writeFile(broken, 'no weights');
  const kept = await readdir(run, { recursive: true });
  const refusals = [
    [[run, '--measures', 'flatness'], 64, /^steppe: --measures must be all or some of sam, /],
    [[join(root, 'nowhere')], 64, /^steppe: No run at .*nowhere/],
    [[broken], 65, /^steppe: .*weights\.safetensors/],
    [[run, `${run}/weights.safetensors`], 64, /^steppe: .* is named twice: /],
    [[run, '--measures', 'barrier'], 64, /^steppe: --measures barrier is taken between runs: name two or more\.$/],
    [[run, '--out', run], 64, /^steppe: --out must be a folder that is new or empty/],
    [[run, '--workers', '2'], 64, /^steppe: --workers has no effect with the dataset fashion-mnist-mini/],
    [[run, '--axes', 'pca'], 64, /^steppe: --axes must be one of random, eigenvectors, got "pca"\.$/],
    [[run, '--limit', 'abc'], 64, /^steppe: --limit must be a whole number of at least 1, got "abc"\.$/],
    [[run, '--limit', '99999999999999999999'], 64, /, got 99999999999999999999: too large\.$/],
    [[''], 64, /^steppe: No run at '': give the folder of a run/],
    [[run, '--step', '7'], 64, /^steppe: --step must be one of 2, 4, .*, got 7: /],
    [[run, '--step', '1.5'], 64, /^steppe: --step must be a whole number of at least 1, got 1\.5\.$/],
    [
      [run, join(run, 'sgd'), '--step', '2'],
      64,
      /^steppe: --step is of one run, and several are measured at .*leave it out\.$/,
    ],
    [
      [run, '--step', '2', '--measures', 'trajectory'],
      64,
      /^steppe: --step has no effect on trajectory, .*leave it out\.$/,
    ],
    [[run, '--rho', '0'], 64, /^steppe: --rho must be a finite number above 0, got 0\.$/],
    [[], 64, /^steppe: missing required argument/],
  ] as const;
  for (const [argv, code, line] of refusals) {
    const ended = await steppe('sharpness', '--backend', 'wasm', ...argv);
    expect([argv, ended.code, ended.err.trim()]).toEqual([argv, code, expect.stringMatching(line)]);
    expect(ended.err.trim()).not.toContain('\n');
    expect(ended.out).toBe('');
  }
  expect(await readdir(run, { recursive: true })).toEqual(kept);
});

test('Ctrl-C ends it without a file, and the exit code says so', async () => {
  const rival = join(run, 'sgd');
  const before = await readdir(rival);
  const listeners = process.listenerCount('SIGINT');
  const timer = setInterval(() => {
    if (process.listenerCount('SIGINT') > listeners) process.emit('SIGINT', 'SIGINT');
  }, 20);
  const { code, out } = await steppe(...few, '--measures', 'surface', rival).finally(() => clearInterval(timer));
  expect(code).toBe(130);
  expect(out).toContain('Stopped: nothing was written.');
  expect(await readdir(rival)).toEqual(before);
});

test('help names every measure in the words of the package', async () => {
  const { out, code } = await steppe('sharpness', '--help');
  expect(code).toBe(0);
  expect(out.replace(/\s+/g, ' ')).toContain('surface * The loss over a plane through the weights.');
  expect(out).toContain('--batch-norm <mode>');
});
