import { aNumber, type Check, count, oneOf, refusal } from '@steppe/check';
import type { Dataset, Normalization } from '../../dataset.ts';
import { checkNormalization } from '../../normalize.ts';
import { checkWorkers } from './decoders.ts';
import type { SurveyProgress } from './survey.ts';
import { sideRule } from './view.ts';
import type { FileSplit } from './with-view.ts';

/** Labelled images in files, and what a person has to know of how they were found. */
export type ImageDataset = Dataset<FileSplit> & {
  /** Lines to print: what was held out, left out or assumed. */
  readonly notes: readonly string[];
  /** Whether the held-out images were drawn, since the folder has none of its own: other images give another draw. */
  readonly drawn: boolean;
};

/** How images in files become a dataset. */
export type ImageOptions = {
  /** The side in pixels of the square that a network sees. @defaultValue 224 */
  readonly size?: number;
  /** 3 for colour, 1 for grey. @defaultValue 3 */
  readonly channels?: 1 | 3;
  /** The share of training images that is held out where there are no others for that. @defaultValue 0.1 */
  readonly share?: number;
  /** Draws the share. @defaultValue 0 */
  readonly seed?: number;
  /** What pixels are normalized by: ImageNet's constants, those of the training images, or given ones.
   * @defaultValue 'imagenet' */
  readonly normalization?: Normalization | 'imagenet' | 'measured';
  /** Whether a broken file ends the run that meets it, or is left out: then every file is decoded once before.
   * @defaultValue 'error' */
  readonly onBroken?: 'error' | 'skip';
  /** The most pixels of an image before it is cut. @defaultValue 100000000 */
  readonly maxPixels?: number;
  /** Whether images are known by what they hold, for which every file is read once, or by name and size.
   * @defaultValue 'contents' */
  readonly hash?: 'contents' | 'names';
  /** Threads that decode; 0 for none. @defaultValue the cores, at most UV_THREADPOOL_SIZE (4 unless it is set) */
  readonly workers?: number;
  /** Ends the loading with the reason of its abortion. */
  readonly signal?: AbortSignal;
  /** Is told how far a pass over all files is. */
  readonly onProgress?: (progress: SurveyProgress) => void;
};

/** The checks of `ImageOptions`. */
export const imageChecks: { readonly [name in keyof ImageOptions]-?: Check } = {
  size: aNumber(sideRule),
  channels: oneOf(1, 3),
  share: aNumber(['in (0, 1)', (x) => x > 0 && x < 1]),
  seed: aNumber(['a whole number of at least 0', (x) => Number.isSafeInteger(x) && x >= 0]),
  normalization: (name, value) => {
    if (value !== 'imagenet' && value !== 'measured') checkNormalization(name, value);
  },
  onBroken: oneOf('error', 'skip'),
  maxPixels: aNumber(count),
  hash: oneOf('contents', 'names'),
  workers: checkWorkers,
  signal: (name, signal) => {
    if (typeof (signal as Partial<AbortSignal> | null)?.throwIfAborted !== 'function')
      throw refusal(name, 'an AbortSignal', signal);
  },
  onProgress: (name, value) => {
    if (typeof value !== 'function') throw refusal(name, 'a function', value);
  },
};
