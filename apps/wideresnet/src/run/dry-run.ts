import { slice } from '@steppe/datasets';
import { gradientsOver } from '@steppe/transforms';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { type Data, heldOut } from './data.ts';
import { evaluateNetwork, exampleLosses, heldMeasureOf } from './network.ts';
import { makeOptimizer } from './optimizer.ts';
import type { Plan } from './plan.ts';
import type { Start } from './training.ts';
import { tryStep } from './trial.ts';
import { evaluated } from './validation.ts';

/** What a run would take. */
export type Estimate = {
  readonly name: string;
  readonly steps: number;
  readonly gradientEvaluations: number;
  /** Of a step, and of all of them at its pace. */
  readonly stepSeconds: number;
  readonly trainingSeconds: number;
  /** Of all measures on held-out images, without those of sharpness and of averaged weights. */
  readonly evaluationSeconds: number;
  /** The most bytes of tensors that a step holds at once. */
  readonly peakBytes: number;
};

/** Images of one timed evaluation. */
const sample = 100;

/** Makes a step of a run on a copy and measures some held-out images, to say what the whole would take. */
async function estimate(plan: Plan, data: Data, start: Start): Promise<Estimate> {
  const { name, options, steps, evaluateEvery } = plan;
  const optimizer = makeOptimizer(options, steps, exampleLosses(start.network, options));
  const trial = await tryStep(plan, data, start, optimizer);
  try {
    // The first step also compiles and uploads: it is looked at for its memory, the second one for its time.
    const { peakBytes } = await tf.profile(() => {
      dispose(trial.make());
      return [];
    });
    const { seconds, gradients } = await trial.time();
    const gradientEvaluations = gradientsOver(optimizer, steps);
    const { split } = evaluated(data);
    const images = Math.ceil(steps / evaluateEvery) * split.labels.length;
    const before = performance.now();
    const { examples } = await evaluateNetwork(heldMeasureOf(start.network), start, heldOut(slice(split, 0, sample)));
    const perImage = (performance.now() - before) / 1000 / examples;
    return {
      name,
      steps,
      gradientEvaluations,
      stepSeconds: seconds,
      trainingSeconds: (seconds / gradients) * gradientEvaluations,
      evaluationSeconds: perImage * (images + (data.validation ? data.dataset.test.labels.length : 0)),
      peakBytes,
    };
  } finally {
    trial.free();
  }
}

/** Says what some runs would take, without writing anything. */
export async function estimateAll(plans: readonly Plan[], data: Data, start: Start): Promise<readonly Estimate[]> {
  const estimates: Estimate[] = [];
  for (const plan of plans) estimates.push(await estimate(plan, data, start));
  return estimates;
}
