import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { slice } from '@steppe/datasets';
import { loadDataset } from '@steppe/datasets/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import { eachLoss, meanLoss } from '../../src/run/losses.ts';
import { steppe } from '../support/capture.ts';

let [root, first] = ['', ''];
const shared = ['--network', 'mlp', '--widths', '32', '--backend', 'wasm', '--limit', '40', '--batch', '40', '--quiet'];
const data = ['--dataset', 'fashion-mnist-mini', '--augment', 'none'];
const configOf = async (run: string) => JSON.parse(await readFile(join(run, 'config.json'), 'utf8'));

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-relabel-'));
  first = join(root, 'first');
  // Long enough to know its 40 images by heart.
  const long = ['--steps', '150', '--eval-every', '150', '--rho', '0', '--weight-decay', '0', '--lr', '0.05'];
  const { code, err } = await steppe('train', '--preset', 'fashion-mini', ...shared, ...long, '--out', first);
  expect({ code, err }).toEqual({ code: 0, err: '' });
});
afterAll(() => rm(root, { recursive: true }));

test('A bootstrapped run of table 4 learns what another run predicts: here the right labels in the place of wrong ones', async () => {
  const out = join(root, 'second');
  const words = [...shared, ...data, '--m', '40', '--steps', '2', '--out', out];
  const {
    code,
    err,
    out: said,
  } = await steppe(
    'train',
    ...['--preset', 'cifar10-noise-40-bootstrap-sam', '--relabel', first],
    ...words.filter((word) => word !== '--quiet'),
  );
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { relabelled, labelNoise } = (await configOf(out)).dataset;
  const { train } = await loadDataset('fashion-mnist-mini');
  const right = createHash('sha256')
    .update(slice(train, 0, 40).labels)
    .digest('hex');
  expect(labelNoise.replaced).toBe(16);
  expect(relabelled).toEqual({ file: join(first, 'weights.safetensors'), changed: 16, sha256: right });
  expect(said).toContain('first/weights.safetensors predicts, 16 of them others than before');
});

test('Without a run, with one of other classes and with none that is there it is refused', async () => {
  const preset = ['train', '--preset', 'cifar10-noise-20-bootstrap-mixup', ...shared, ...data];
  expect((await steppe(...preset)).err).toBe(
    'steppe: The preset cifar10-noise-20-bootstrap-mixup learns the labels that a run predicts: train --preset cifar10-noise-20-mixup, then name its folder by --relabel.\n',
  );
  expect((await steppe(...preset, '--relabel', root)).err).toMatch(/--relabel \S+ holds no weights\.safetensors/);
});

test('A run trains on bootstrapped labels, of which its folder tells', async () => {
  const out = join(root, 'bootstrapped');
  const words = [...shared, '--steps', '2', '--bootstrap', 'soft', '--bootstrap-keep', '0.7', '--out', out];
  const { code, err } = await steppe('train', '--preset', 'fashion-mini', ...words);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect((await configOf(out)).options).toMatchObject({ bootstrap: 'soft', 'bootstrap-keep': 0.7 });
  const refused = await steppe('train', '--preset', 'fashion-mini', ...shared, '--bootstrap-keep', '0.7');
  expect(refused.err).toBe('steppe: --bootstrap-keep must be left out without --bootstrap, got 0.7.\n');
});

test.each([
  { 'label-smoothing': 0.1 },
  { 'label-smoothing': 0, bootstrap: 'soft' },
  { 'label-smoothing': 0, bootstrap: 'hard', 'bootstrap-keep': 0.6 },
] as const)('the mean of the losses of examples is the loss: %j', async (options) => {
  await tf.setBackend('cpu');
  const logits = tf.tensor2d([
    [0.3, -1, 2],
    [1, 0.5, -0.2],
  ]);
  for (const labels of [
    tf.tensor1d([0, 2], 'int32'),
    tf.tensor2d([
      [0.2, 0.8, 0],
      [1, 0, 0],
    ]),
  ])
    expect(tf.mean(eachLoss(logits, labels, options)).arraySync()).toBeCloseTo(
      meanLoss(logits, labels, options).arraySync(),
      6,
    );
});
