import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { softmaxCrossEntropy, wideResNet } from '@steppe/models';
import { key, normal } from '@steppe/random';
import { readReport, stepRecord, train, trainStep } from '@steppe/train';
import { openCheckpoints, openRunLog } from '@steppe/train/node';
import { momentum, sam } from '@steppe/transforms';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';

/** Images of noise, new ones for every step. */
function* noise(steps) {
  for (let i = 0; i < steps; i++)
    yield { images: normal(key(i), [8, 8, 8, 1]), labels: tf.tensor1d([0, 1, 2, 3, 0, 1, 2, 3], 'int32') };
}

const residentMemory = () => process.memoryUsage.rss();

/** The slope of a line through points by least squares. */
function slopeOf(points) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  return (
    mean(points.map((point) => (point[0] - x) * (point[1] - y))) / mean(points.map((point) => (point[0] - x) ** 2))
  );
}

/**
 * Trains a small network by SAM as a run does, with a log of every step and a checkpoint every `every` steps, and
 * watches what stays.
 *
 * @param memory - Gives the bytes to watch.
 * @returns The tensors, fewest and most; megabytes of memory that 1,000 steps add, by a line through the second half of
 * them, and the last.
 */
export async function soak({ steps, every, memory = residentMemory }) {
  const network = wideResNet({ depth: 10, width: 1, classes: 4 });
  const { params, state } = network.init(key(0), [8, 8, 1]);
  const step = trainStep(
    (weights, statistics, { images, labels }) => {
      const [logits, next] = network.apply(weights, statistics, images, { training: true });
      return [softmaxCrossEntropy(logits, labels), { state: next, metrics: {} }];
    },
    sam(momentum(0.01), 0.05),
  );
  const run = mkdtempSync(join(tmpdir(), 'steppe-soak-'));
  const warn = (line) => {
    throw new Error(line);
  };
  const log = openRunLog(run, { warn });
  const checkpoints = openCheckpoints(run, { warn });
  const [tensors, points] = [new Set(), []];
  let gradientEvaluations = 0;
  const start = step.start(params, state, key(1));
  try {
    const end = await train(step, start, noise(steps), async ({ position, report }) => {
      gradientEvaluations += report.gradients;
      const at = { step: position.step, epoch: 0, gradientEvaluations, seconds: 0 };
      log.write(stepRecord(await readReport(report), at));
      if (position.step % every === 0) await checkpoints.save(position, { bytes: log.sync() });
      if (position.step % Math.ceil(every / 5) !== 0) return;
      tensors.add(tf.memory().numTensors);
      if (position.step > steps / 2) points.push([position.step, memory() / 2 ** 20]);
    });
    dispose(end);
  } finally {
    log.close();
    await checkpoints.close();
    dispose(start, params, state);
    rmSync(run, { recursive: true, force: true });
  }
  return {
    fewest: Math.min(...tensors),
    most: Math.max(...tensors),
    megabytes: 1000 * slopeOf(points),
    last: points.at(-1)[1],
  };
}
