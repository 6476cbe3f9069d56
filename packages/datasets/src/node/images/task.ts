import type { Key } from '@steppe/random';
import type { AugmentationDescription } from '../../image.ts';
import type { Stages } from '../../stages.ts';
import type { DecodeOptions } from './decode.ts';
import type { ImageFile } from './image-file.ts';

/** The stages of a batch as plain data, which threads take: augmentations as their descriptions. */
export type PlainStages = Omit<Stages, 'augmentBytes' | 'augment'> & {
  readonly augmentBytes?: AugmentationDescription | undefined;
  readonly augment?: AugmentationDescription | undefined;
};

type Common = {
  readonly files: readonly ImageFile[];
  readonly decode: DecodeOptions;
  /** The number of the next file, in memory that all threads share: whoever is free takes it. */
  readonly next: Int32Array;
};

/** Images to read into a batch in shared memory: finished, or as bytes where a user's function is to come. */
export type BatchTask = Common & {
  readonly kind: 'batch';
  readonly examples: Uint32Array;
  readonly ofViews: Key;
  readonly stages: PlainStages | undefined;
  readonly out: Float32Array | Uint8Array;
};

/** What to find out about every file. */
export type Questions = {
  /** The SHA-256 over its name and content. */
  readonly digest: boolean;
  /** Whether it can be decoded. */
  readonly check: boolean;
  /** The sums of its pixels and of their squares, by channel. */
  readonly measure: boolean;
};

/** Images to look at once. */
export type SurveyTask = Common & { readonly kind: 'survey'; readonly questions: Questions };

/** Work for threads: the same on each, which share the files among themselves. */
export type Task = BatchTask | SurveyTask;

/** What was found out about a file. */
export type Finding = {
  readonly index: number;
  readonly digest?: Uint8Array;
  readonly broken?: string;
  readonly sums?: readonly number[];
};

/** What a thread did of a task: what was asked, and which files it failed at. */
export type Answer = {
  readonly findings: readonly Finding[];
  readonly failures: readonly { readonly index: number; readonly message: string }[];
};
