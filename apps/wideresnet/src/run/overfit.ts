import { slice } from '@steppe/datasets';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import type { Options } from '../options/table.ts';
import type { Reporter } from '../report/reporter.ts';
import type { NoisyData } from './label-noise.ts';

/**
 * Leaves as many training images as the batches hold that the options overfit; the data as they are where they do not.
 *
 * @throws When there are fewer images.
 */
export function withOverfit({ overfit, batch }: Options, data: NoisyData): NoisyData {
  if (overfit === undefined) return data;
  const { dataset } = data;
  const images = overfit * batch;
  const there = dataset.train.labels.length;
  if (images > there)
    throw new CommandError(
      `--overfit must be at most the ${Math.floor(there / batch)} batches of ${batch} in ${there} training images, got ${overfit}.`,
    );
  return { ...data, dataset: { ...dataset, train: slice(dataset.train, 0, images) } };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Makes a reporter tell at the end whether the loss on the batches that are overfitted has fallen, from the first pass
 * over them to the last.
 *
 * @param overfit - How many batches; undefined where none are.
 * @returns A reporter whose `end` throws, after all else was told, when the loss has not.
 */
export function withLossCheck(reporter: Reporter, overfit: number | undefined): Reporter {
  if (overfit === undefined) return reporter;
  const losses: number[] = [];
  return {
    ...reporter,
    run(plan, points) {
      const observer = reporter.run(plan, points);
      return {
        ...observer,
        onStep(record) {
          losses.push(record.loss);
          observer.onStep(record);
        },
      };
    },
    end(...told) {
      reporter.end(...told);
      if (losses.length <= overfit) return;
      const [first, last] = [mean(losses.slice(0, overfit)), mean(losses.slice(-overfit))];
      const what = `the loss on ${overfit === 1 ? 'the batch' : `the ${overfit} batches`}`;
      const change = `from ${first.toFixed(3)} to ${last.toFixed(3)} in ${losses.length} steps`;
      if (!(last < first))
        throw new CommandError(`--overfit: ${what} went ${change}: it must fall. Try a smaller --lr.`, exitCode.data);
      reporter.note(`Overfit: ${what} fell ${change}.`);
    },
  };
}
