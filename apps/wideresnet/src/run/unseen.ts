import type { Batch } from '@steppe/datasets';
import { printable } from '@steppe/files';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { type Data, heldOut } from './data.ts';
import type { SavedRun } from './weights.ts';

/** The images that saved weights are measured on. */
type Unseen = { readonly batches: AsyncIterable<Batch>; readonly called: string };

async function* both({ dataset: { train, test } }: Data): AsyncIterable<Batch> {
  yield* heldOut(train);
  yield* heldOut(test);
}

const first = (classes: readonly string[]): string => printable(classes.slice(0, 10).join(', '));

/**
 * Refuses images of other classes than a run knows.
 *
 * @throws When they are others, with those of both.
 */
export function checkClasses({ classes }: Pick<SavedRun, 'classes'>, dataset: Data['dataset']): void {
  if (classes === undefined || classes.join('\0') === dataset.classes.join('\0')) return;
  throw new CommandError(
    `The run knows the classes ${first(classes)}, and ${printable(dataset.name)} has ${first(dataset.classes)}: give images of the same classes.`,
    exitCode.data,
  );
}

/**
 * Chooses the images to measure a run on: the held-out ones; all images of another folder that names no held-out ones.
 *
 * @param isNamed - Whether the folder was named for this, and is not just the run's.
 * @throws When the classes are others, or the run's folder has changed, so that images it has learned would be measured.
 */
export function unseen(data: Data, { sha256, classes }: SavedRun, isNamed: boolean): Unseen {
  const { dataset, drawn } = data;
  checkClasses({ classes }, dataset);
  if (data.sha256 === sha256 || !drawn) return { batches: heldOut(dataset.test), called: 'held-out images' };
  if (isNamed) return { batches: both(data), called: `images, all of ${dataset.name}` };
  throw new CommandError(
    `The images of ${dataset.name} are not those of the run, and which of them it has learned is not known: put them back, or name a folder that it has not seen by --images.`,
    exitCode.data,
  );
}
