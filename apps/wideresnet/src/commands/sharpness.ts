import { printJson } from '@steppe/tree';
import { filesOf, picturesOf } from '../sharpness/draw.ts';
import { checkMeasured, measureRuns, partsOf } from '../sharpness/measure-runs.ts';
import { kindLines } from '../sharpness/one-kind.ts';
import type { SharpnessOptions } from '../sharpness/options.ts';
import { isOwn } from '../sharpness/table.ts';
import {
  allResults,
  caution,
  comparisonLine,
  failureLines,
  resultLines,
  roundingLines,
  settingLines,
} from '../sharpness/table-text.ts';
import { checkStep } from '../sharpness/weights-of-step.ts';
import { CommandError } from './exit-codes.ts';
import { type Machine, measuring } from './measuring.ts';

/** Refuses what cannot be taken of one run alone, and a step where it would say nothing. */
function checkMeasures({ length }: readonly string[], { measures, step }: SharpnessOptions, isAsked: boolean): void {
  if (isAsked && length === 1 && measures.length === 1 && measures[0] === 'barrier')
    throw new CommandError('--measures barrier is taken between runs: name two or more.');
  if (step !== undefined && length > 1)
    throw new CommandError('--step is of one run, and several are measured at weights of equal loss: leave it out.');
  if (step !== undefined && !measures.some(isOwn))
    throw new CommandError(
      `--step has no effect on ${measures.join(' and ')}, which is of all checkpoints: leave it out.`,
    );
}

/** Runs `steppe sharpness`: measures the landscape around the weights of runs, and leaves numbers and pictures. */
export async function sharpnessCommand(
  runs: readonly string[],
  asked: SharpnessOptions,
  isAsked: boolean,
  machine: Machine,
): Promise<number> {
  checkMeasures(runs, asked, isAsked);
  return measuring(
    {
      name: 'sharpness',
      runs,
      asked,
      parts: partsOf(asked.measures, runs.length),
      check: async (subjects) => {
        for (const subject of subjects) await checkStep(subject, asked.step);
      },
      measure: async (subjects, watch) => ({
        all: checkMeasured(await measureRuns(subjects, asked, watch)),
        kinds: kindLines(subjects),
      }),
      async outcome({ all, kinds }) {
        const { runs: measured, ...between } = all;
        const results = measured.map(({ result }) => result);
        const shown = allResults(all);
        const pictures = await filesOf(await picturesOf(measured, between, settingLines(results)[0] ?? ''));
        const content = {
          schema: 'steppe.sharpness/1',
          runs: results,
          ...(between.barrier && { barrier: between.barrier.result }),
          ...(between.trajectory && { trajectory: between.trajectory.result }),
        };
        const { schema: _, ...event } = content;
        return {
          files: [['sharpness.json', `${printJson(content, 2)}\n`], ...pictures],
          event,
          table: resultLines(shown),
          words: [
            ...settingLines(results),
            ...kinds,
            ...comparisonLine(results),
            ...roundingLines(shown),
            ...failureLines(shown),
            caution,
          ],
        };
      },
    },
    machine,
  );
}
