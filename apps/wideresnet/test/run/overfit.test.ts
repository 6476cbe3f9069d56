import { stepRecord } from '@steppe/train';
import { describe, expect, test } from 'vitest';
import { presetOptions } from '../../src/options/presets/presets.ts';
import type { Reporter } from '../../src/report/reporter.ts';
import { withLossCheck } from '../../src/run/overfit.ts';
import type { Plan } from '../../src/run/plan.ts';

const plan: Plan = {
  name: 'SAM',
  folder: '',
  options: presetOptions('fashion-mini'),
  epochs: 1,
  stepsPerEpoch: 2,
  steps: 4,
  evaluateEvery: 4,
  split: 'test',
};

/** What a reporter is told when steps have these losses. */
function told(losses: readonly number[], overfit: number | undefined): readonly string[] {
  const lines: string[] = [];
  const silent: Reporter = {
    note: (text) => lines.push(text),
    begin: () => {},
    run: () => ({ onStep: () => {}, onEvaluation: () => {}, stop: () => {} }),
    estimate: () => {},
    end: () => lines.push('end'),
  };
  const reporter = withLossCheck(silent, overfit);
  const observer = reporter.run(plan);
  for (const [i, loss] of losses.entries())
    observer.onStep(
      stepRecord({ loss, metrics: {}, report: {} }, { step: i + 1, epoch: 1, gradientEvaluations: i, seconds: i }),
    );
  reporter.end([], '', []);
  return lines;
}

describe('the check of a few batches', () => {
  test('compares the first pass over them with the last', () => {
    expect(told([2, 3, 9, 1, 2], 2)).toEqual([
      'end',
      'Overfit: the loss on the 2 batches fell from 2.500 to 1.500 in 5 steps.',
    ]);
  });

  test('fails where the loss has not fallen, after all else was told', () => {
    for (const last of [2, 3, Number.NaN])
      expect(() => told([2, 1, last], 1)).toThrow(
        expect.objectContaining({
          message: `--overfit: the loss on the batch went from 2.000 to ${last.toFixed(3)} in 3 steps: it must fall. Try a smaller --lr.`,
          code: 65,
        }),
      );
  });

  test('says nothing of runs of a single pass, and of whole runs', () => {
    expect(told([2, 3], 2)).toEqual(['end']);
    expect(told([2, 3], undefined)).toEqual(['end']);
  });
});
