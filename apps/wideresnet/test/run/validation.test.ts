import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDataset } from '@steppe/datasets/node';
import { readRunLog } from '@steppe/train/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { presetOptions } from '../../src/options/presets/presets.ts';
import { withLabelNoise } from '../../src/run/label-noise.ts';
import { withValidation } from '../../src/run/validation.ts';
import { steppe } from '../support/capture.ts';
import { events, tiny } from '../support/events.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-validation-'));
});
afterAll(() => rm(root, { recursive: true }));

describe('images that are held out', () => {
  const options = { ...presetOptions('fashion-mini'), validation: 0.1 };

  test('keep their labels where those to train on are made wrong', async () => {
    const data = { dataset: await loadDataset('fashion-mnist-mini'), sha256: 'ab' };
    const clean = withValidation(options, data);
    const noisy = withLabelNoise({ ...options, 'label-noise': 0.4 }, clean);
    expect([noisy.dataset.train.labels.length, noisy.validation?.labels.length]).toEqual([4500, 500]);
    expect(noisy.validation).toBe(clean.validation);
    expect(noisy.labelNoise?.replaced).toBe(1800);
    expect(noisy.dataset.test).toBe(data.dataset.test);
    expect(noisy.sha256).toBe('ab');
  });

  test('are others for another seed', async () => {
    const data = { dataset: await loadDataset('fashion-mnist-mini'), sha256: '' };
    const held = (seed: number) => withValidation({ ...options, seed }, data).validation?.images;
    expect(held(0)).toEqual(held(0));
    expect(held(1)).not.toEqual(held(0));
  });
});

test('a share that is no image is refused', async () => {
  const { code, err } = await steppe(...tiny, '--validation', '0.01');
  expect({ code, err }).toEqual({
    code: 64,
    err: 'steppe: --validation 0.01 of 24 training images leaves 24 to train on and 0 to choose by: say another share or more images.\n',
  });
});

describe('a run with validation', () => {
  // So fast that it gets worse: the best is not the last, of 2 steps an epoch.
  const run = [...tiny, '--validation', '0.3', '--epochs', '6', '--patience', '1', '--lr', '0.3', '--json'];

  test('chooses by the images held out, measures the test images once, and saves the best weights', async () => {
    const out = join(root, 'run');
    const { code, err, out: printed } = await steppe(...run, '--out', out);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const records = (await readRunLog(out)).flatMap((record) => (record.type === 'evaluation' ? [record] : []));
    const validation = records.filter(({ split }) => split === 'validation');
    const [test, ...more] = records.filter(({ split }) => split === 'test');
    expect(more).toEqual([]);
    expect(records.at(-1)).toBe(test);
    const least = Math.min(...validation.map(({ errorRate = 1 }) => errorRate));
    const summary = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8'));
    expect(summary).toMatchObject({
      status: 'complete',
      stoppedEarly: true,
      validationError: least,
      validationExamples: 7,
      validationTop5Error: expect.any(Number),
      validationCalibrationError: expect.any(Number),
      bestStep: test?.step,
      testStep: test?.step,
      testError: test?.errorRate,
    });
    expect(summary.steps).toBe(summary.bestStep + 2);
    expect(events(printed)[0].facts.dataset).toMatchObject({ trainingImages: 17, validationImages: 7 });

    const measured = await steppe('evaluate', out, '--backend', 'wasm', '--json');
    expect(JSON.parse(measured.out)).toMatchObject({ testError: summary.testError, testLoss: summary.testLoss });
    // What was kept on the way is freed.
    const before = tf.memory().numTensors;
    await steppe('train', '--config', join(out, 'config.json'), '--json', '--out', join(root, 'again'));
    expect(tf.memory().numTensors).toBe(before);
    const again = JSON.parse(await readFile(join(root, 'again', 'summary.json'), 'utf8'));
    expect({ ...again, seconds: 0 }).toEqual({ ...summary, seconds: 0 });
  });
});
