import { nearest } from '@steppe/check';
import { loadImageFolder } from '@steppe/datasets/node';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import type { Options } from '../options/table.ts';
import type { Spec } from './spec.ts';

/** What a trial can be judged by, as the last line of `steppe train` names it. */
const metrics = [
  'validation_error',
  'validation_loss',
  'validation_top5_error',
  'validation_calibration_error',
  'test_error',
  'test_loss',
  'test_top5_error',
  'test_calibration_error',
  'training_loss',
  'sharpness',
  'seconds',
] as const;

/**
 * Checks what trials are judged by.
 *
 * @param options - Of a trial, resolved.
 * @throws When it is not measured, or measured on the test images and the file does not say so aloud.
 */
export function checkMetric({ metric, 'tune-on-test': onTest }: Spec, options: Options, file: string): void {
  if (!metrics.some((name) => name === metric)) {
    const guess = nearest(metric, metrics);
    throw new CommandError(
      `metric in ${file} must be one of ${metrics.join(', ')}, got ${JSON.stringify(metric)}${guess === undefined ? '.' : `: did you mean ${guess}?`}`,
    );
  }
  if (metric.startsWith('test_') && !onTest)
    throw new CommandError(
      `metric in ${file} is ${metric}: whoever chooses by the test images has none left to test on. Say validation_error with "validation: 0.1" among the options, or "tune-on-test: true".`,
    );
  if (metric.startsWith('validation_') && options.validation === undefined)
    throw new CommandError(
      `metric in ${file} is ${metric}, and no images are held out to measure it on: say "validation: 0.1" among the options.`,
    );
}

/** With so few classes one of the five likeliest is always right. */
const fewClasses = 5;

/**
 * Refuses the top-5 error of images that have five classes or fewer, of which no run measures it. Only folders may have
 * so few: their names are looked at, not the images.
 *
 * @throws When there are five or fewer, or the folder is none of images.
 */
export async function checkClasses(metric: string, { images, labels }: Options, file: string): Promise<void> {
  if (images === undefined || !metric.includes('top5')) return;
  const options = { hash: 'names', workers: 0, ...(labels !== undefined && { labels }) } as const;
  const { classes } = await loadImageFolder(images, options).catch((cause: Error) => {
    throw new CommandError(cause.message, exitCode.data, { cause });
  });
  if (classes.length <= fewClasses)
    throw new CommandError(
      `metric in ${file} is ${metric}, which is 0 with the ${classes.length} classes of ${images}: take an error or a loss.`,
    );
}
