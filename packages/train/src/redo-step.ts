import { aNumber, checkFunction, checkOptions, count } from '@steppe/check';
import { dispose, leaves, norm, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { type ReadReport, readReport } from './read-report.ts';
import { readScalars } from './read-scalars.ts';
import type { Position, StepReport, TrainStep } from './train-step.ts';
import { watchGradients } from './watch-gradients.ts';

/** What is done about a step whose loss or gradient is not finite. */
export type RedoOptions = {
  /** The failures in a row that end the loop. @defaultValue 3 */
  readonly limit?: number;
  /** Gets the one line that tells of a failure. @defaultValue `console.warn` */
  readonly warn?: (message: string) => void;
};

type Made<Params extends Tree, State extends Tree, OptimizerState extends Tree> = {
  readonly position: Position<Params, State, OptimizerState>;
  readonly report: StepReport;
};

/** Refuses options that `redoNonFinite` does not have. */
export const checkRedo = (options: RedoOptions): void =>
  checkOptions('redoNonFinite', options, { limit: aNumber(count), warn: checkFunction });

/** What of a report is not finite, in words. */
function problemIn({ loss, report: { perturbedLoss, gradientNorm, skipped } }: ReadReport): string | undefined {
  // `skipNonFinite` has seen to it.
  if (skipped !== undefined) return undefined;
  const found = Object.entries({
    'the loss': loss,
    'the perturbed loss': perturbedLoss,
    "the gradient's norm": gradientNorm,
  });
  const [name, value] = found.find(([, number]) => number !== undefined && !Number.isFinite(number)) ?? [];
  return name && `${name} is ${value}`;
}

/** The path of the first leaf that is not finite. */
async function pathIn(tree: Tree): Promise<string> {
  const all = leaves(tree);
  const norms = tf.tidy(() => tf.stack(all.map(({ leaf }) => norm(leaf, Number.POSITIVE_INFINITY))));
  try {
    const read = await norms.data();
    return all[read.findIndex((length) => !Number.isFinite(length))]?.path ?? '';
  } finally {
    norms.dispose();
  }
}

/** What of a step is not finite, in words: of its report or, since a link may hide a bad gradient, of its position. */
async function problemOf({
  position: { params, state, optimizer },
  report,
}: Made<Tree, Tree, Tree>): Promise<string | undefined> {
  const largest = norm([params, state, optimizer], Number.POSITIVE_INFINITY);
  try {
    const read = await readReport({ ...report, report: { ...report.report, largest } });
    const problem = problemIn(read);
    if (problem !== undefined || Number.isFinite(read.report.largest)) return problem;
    return `"${await pathIn({ params, state, optimizer })}" is not finite after it`;
  } finally {
    largest.dispose();
  }
}

/** How long the weights are that a step began at. */
async function lengthOf(params: Tree): Promise<string> {
  const length = norm(params);
  try {
    return String((await readScalars({ length })).length);
  } finally {
    length.dispose();
  }
}

/**
 * Makes a step and, while its loss, its gradient or the position after it is not finite, makes it again from the same
 * position on the same batch: a fault that passes leaves no trace.
 *
 * @throws When it has failed `limit` times in a row, with the name `NonFiniteError`.
 */
export async function stepOrRedo<
  Params extends Tree,
  State extends Tree,
  OptimizerState extends Tree,
  Batch extends Tree,
>(
  step: Pick<TrainStep<Params, State, OptimizerState, Batch>, 'update'>,
  before: Position<Params, State, OptimizerState>,
  batch: Batch,
  { limit = 3, warn = console.warn }: RedoOptions,
): Promise<Made<Params, State, OptimizerState>> {
  const number = before.step + 1;
  for (let failures = 1; ; failures += 1) {
    const isLast = failures >= limit;
    const watched = isLast ? watchGradients() : undefined;
    try {
      const made = step.update(before, batch, watched?.watch);
      const problem = await problemOf(made).catch((error: unknown) => {
        dispose(made);
        throw error;
      });
      if (problem === undefined) return made;
      dispose(made);
      if (watched !== undefined) {
        const message = `Step ${number} failed ${failures} ${failures === 1 ? 'time' : 'times in a row'}: ${problem}; ${await watched.findings()}; ‖w‖ before it is ${await lengthOf(before.params)}. Lower the learning rate or rho, or look at the batch.`;
        throw Object.assign(new Error(message), { name: 'NonFiniteError', step: number });
      }
      warn(`Step ${number}: ${problem}; making it again from step ${before.step} (failure ${failures} of ${limit}).`);
    } finally {
      watched?.dispose();
    }
  }
}
