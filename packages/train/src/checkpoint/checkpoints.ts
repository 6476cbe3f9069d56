import { join } from 'node:path';
import { checkNumber, checkOptions, count, refusal } from '@steppe/check';
import { makeFolder, printable } from '@steppe/files';
import { isKey } from '@steppe/random';
import { dispose, map, type Plain, serializeInParts, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { checkPath } from '../check-path.ts';
import type { Position } from '../train-step.ts';
import { fileOf, stepsIn } from './names.ts';
import { type Checkpoint, readCheckpoint, version } from './read-checkpoint.ts';
import { removeOld } from './remove-old.ts';
import { saveQueue } from './save-queue.ts';
import { writeCheckpoint } from './write-checkpoint.ts';

/** A checkpoint that was passed over, and why. */
export type Skipped = { readonly file: string; readonly why: string };

/** The checkpoints of one run. */
export type Checkpoints = {
  /**
   * Saves a position while training goes on; its tensors may be freed as soon as the call has returned.
   *
   * While one is written the newest waits, and takes the place of what waited before; so does the newest `best`.
   *
   * @param about - Plain data to keep beside it, such as the place in the log.
   * @param options.best - This one is the best so far: it is kept until there is a better one.
   * @returns The file once it is on the disk; `undefined` when a newer one took its place or the disk failed.
   * @throws When this is no position that can be saved, `about` is no plain data, or after `close`.
   */
  readonly save: (
    position: Position<Tree, Tree, Tree>,
    about?: Plain,
    options?: { readonly best?: boolean },
  ) => Promise<string | undefined>;
  /**
   * Reads the latest checkpoint that is intact; `undefined` where there is none at all.
   *
   * @throws When there are some and none is intact, with the reason for each; when the folder cannot be read.
   */
  readonly latest: () => Promise<(Checkpoint & { readonly skipped: readonly Skipped[] }) | undefined>;
  /**
   * Reads the checkpoint of a step, such as the best.
   *
   * @throws When it is missing or not intact.
   */
  readonly at: (step: number) => Promise<Checkpoint>;
  /** Lists the steps whose checkpoints are there, the latest first; none of them is read. */
  readonly steps: () => Promise<readonly number[]>;
  /** Waits until what is under way and what waits is on the disk. */
  readonly close: () => Promise<void>;
};

/** How checkpoints are kept. */
export type CheckpointsOptions = {
  /** How many of the latest stay, beside the best. @defaultValue 2 */
  readonly keep?: number;
  /** Gets the one line that tells of a checkpoint that could not be written. @defaultValue `process.emitWarning` */
  readonly warn?: (message: string) => void;
};

type Item = { readonly position: Position<Tree, Tree, Tree>; readonly about: Plain };

function checkPosition(position: unknown): void {
  const { step, key, params } = Object(position) as { readonly [name: string]: unknown };
  if (!Number.isSafeInteger(step) || (step as number) < 0 || !isKey(key) || params === undefined)
    throw refusal('position', 'a position, as step.start(params, state, key) gives it', position);
}

/** What is wrong, without the file that the line begins with. */
function reasonIn(file: string, { message }: Error): string {
  const path = printable(file);
  return message.startsWith(path) ? message.slice(path.length).replace(/^:? /, '') : message;
}

/**
 * Opens the checkpoints of a run, in `checkpoints` in its folder: training positions that are each whole or not there,
 * written while training goes on.
 *
 * A file `step-0000001234.safetensors` is written beside its name, synced and renamed; it holds the whole position, what
 * the caller adds, and SHA-256 digests of both. After it the older ones are removed but for the last `keep` and the best.
 * A failing disk costs checkpoints, never the run: each failure is told, the next save tries again, older files stay.
 *
 * Before the first save to a run that is resumed call `latest()`, which tells what is there to be kept.
 *
 * @param folder - The run's folder; it is made when it is missing.
 * @throws When the folder cannot be made, or an option is not what it must be.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import * as tf from '@tensorflow/tfjs';
 * import { key } from '@steppe/random';
 * import { openCheckpoints } from '@steppe/train/node';
 *
 * const checkpoints = openCheckpoints(await mkdtemp(join(tmpdir(), 'steppe-')), { keep: 2 });
 * const position = { step: 10, params: tf.scalar(3), state: null, optimizer: null, key: key(0) };
 * await checkpoints.save(position, { epoch: 1 });
 * const { step, about, skipped } = (await checkpoints.latest()) ?? {};
 * console.log(step, about, skipped); // => 10 { epoch: 1 } []
 * await checkpoints.close();
 * ```
 */
export function openCheckpoints(folder: string, options: CheckpointsOptions = {}): Checkpoints {
  checkPath('folder', folder);
  checkOptions('openCheckpoints', options, ['keep', 'warn']);
  const { keep = 2, warn = (message: string) => process.emitWarning(message) } = options;
  checkNumber('keep', keep, count);
  const place = join(folder, 'checkpoints');
  makeFolder(place);
  let isClosed = false;
  let isFailing = false;
  let best: number | undefined;
  /** The steps of the files that are known to be intact, which are removed in their time. */
  let known: readonly number[] = [];

  const write = async ({ position, about }: Item, isBest: boolean): Promise<string | undefined> => {
    const { step } = position;
    const file = fileOf(place, step);
    try {
      // It may have been removed, or lie on a disk that was away for a time.
      if (isFailing) makeFolder(place);
      const bestNow = isBest ? step : best;
      await writeCheckpoint(file, position, {
        checkpoint: version,
        step,
        ...(bestNow !== undefined && { best: bestNow }),
        about,
      });
      isFailing = false;
      best = bestNow;
    } catch (error) {
      isFailing = true;
      warn(`${(error as Error).message} Training goes on; the next checkpoint tries again, older ones are untouched.`);
      return undefined;
    }
    known = await removeOld([step, ...known], { place, step, keep, best, warn });
    return file;
  };
  const queue = saveQueue(write, ({ position }) => dispose(position));

  return {
    async save(position, about = null, { best: isBest = false } = {}) {
      if (isClosed) throw new Error(`The checkpoints of ${printable(folder)} are closed: save before close().`);
      checkPosition(position);
      serializeInParts(position, about);
      // Tensors are values: a copy shares the numbers, and keeps them when the original is freed.
      const held = map(position, (leaf) => tf.keep(tf.clone(leaf)));
      return queue.add({ position: held, about }, isBest);
    },
    async latest() {
      const skipped: Skipped[] = [];
      const steps = await stepsIn(place);
      for (const step of steps) {
        const file = fileOf(place, step);
        try {
          const checkpoint = await readCheckpoint(file, step);
          best = checkpoint.best;
          known = steps.filter((one) => one <= step);
          return { ...checkpoint, skipped };
        } catch (error) {
          skipped.push({ file, why: reasonIn(file, error as Error) });
        }
      }
      if (skipped.length === 0) return undefined;
      const reasons = skipped.map(({ file, why }) => `${printable(file)}: ${why}`).join(' ');
      throw new Error(`No checkpoint in ${printable(place)} is intact. ${reasons}`);
    },
    at: (step) => readCheckpoint(fileOf(place, step), step),
    steps: () => stepsIn(place),
    async close() {
      isClosed = true;
      await queue.end();
    },
  };
}
