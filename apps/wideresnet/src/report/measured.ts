import type { Estimate } from '../run/dry-run.ts';
import { bytesText, memoryLimit } from '../run/memory.ts';
import type { Profile, Share } from '../run/profile.ts';
import { aligned } from './comparison.ts';
import { duration, percent, plural } from './format.ts';

/** What a dry run found, in lines for people. */
export function estimateLines(estimates: readonly Estimate[], device: string): readonly string[] {
  const peak = Math.max(...estimates.map(({ peakBytes }) => peakBytes));
  const whole = estimates.reduce((sum, run) => sum + run.trainingSeconds + run.evaluationSeconds, 0);
  return [
    ...estimates.map(
      ({ name, steps, stepSeconds, trainingSeconds, evaluationSeconds }) =>
        `${name}: a step took ${duration(stepSeconds)}, so ${plural(steps, 'step')} take about ${duration(trainingSeconds)}, evaluations ${duration(evaluationSeconds)}`,
    ),
    `All in all about ${duration(whole)}; a step holds up to ${bytesText(peak)} of tensors at once, this machine has ${bytesText(memoryLimit(device))}.`,
    'Dry run: nothing was written.',
  ];
}

/** The rows of a profile that are worth a line. */
const most = 12;

const rows = (shares: readonly Share[], whole: number): readonly (readonly string[])[] =>
  shares
    .slice(0, most)
    .map(({ name, calls, milliseconds }) => [
      name,
      String(Math.round(calls)),
      milliseconds.toFixed(2),
      percent(whole === 0 ? 0 : milliseconds / whole, 1),
    ]);

/** Where the time of a step goes, as two tables for people. */
export function profileLines(profile: Profile): readonly string[] {
  const { kernels, links, kernelMilliseconds: whole, stepMilliseconds } = profile;
  const head = ['calls', 'ms a step', 'share'];
  return [
    `A step takes ${stepMilliseconds.toFixed(1)} ms, its kernels ${whole.toFixed(1)} ms.`,
    ...aligned({ head: ['kernel', ...head], rows: rows(kernels, whole) }),
    '',
    ...aligned({ head: ['link', ...head], rows: rows(links, whole) }),
  ];
}
