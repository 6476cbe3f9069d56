/** Whether a trainer is at work in a run's folder, or how it ended. */
export type RunState = 'running' | 'complete' | 'interrupted';

/** What is known of one run, but for its curves. */
export type Run = {
  /** Its folder below the one that is watched, with slashes; `.` is that folder itself. */
  readonly name: string;
  readonly state: RunState;
  /** The method in words, such as `SAM`; absent where `config.json` has none. */
  readonly method?: string;
  /** The options in its `config.json`; what is no plain value is given as JSON. */
  readonly options: { readonly [name: string]: string | number | boolean };
  /** Steps made, and how many there will be where that is known. */
  readonly step: number;
  readonly steps?: number;
  readonly epoch: number;
  readonly epochs?: number;
  /** Gradients of a whole batch so far. */
  readonly gradients: number;
  /** How long it has trained, evaluations included. */
  readonly seconds: number;
  /** Until its last step at the pace so far; only while it runs. */
  readonly secondsLeft?: number;
  /** The last value of each curve, by the curve's name. */
  readonly latest: { readonly [curve: string]: number };
  /** When its log last grew, in milliseconds of Unix time; 0 before there is a log. */
  readonly changed: number;
  /** Bytes of the log that are still to be read. */
  readonly unread: number;
};

/** A file that cannot be shown, or not all of it. */
export type Problem = {
  /** Below the folder that is watched. */
  readonly file: string;
  readonly why: string;
};

/** All that was found at one look. */
export type Look = {
  readonly runs: readonly Run[];
  readonly problems: readonly Problem[];
  /** Bytes of logs that are still to be read: not 0 only where a look is limited. */
  readonly unread: number;
};

/** The values of one curve in each bucket of records; null where no record of the bucket has one that is finite. */
export type Column = {
  readonly mean: readonly (number | null)[];
  /** The least and the largest value: a spike stays, however many records a bucket stands for. */
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
};

/** Curves over the same records, in buckets of equally many records that follow each other. */
export type Table = {
  /** Changes whenever buckets that were given before are no longer right. */
  readonly version: string;
  /** The place of the first bucket given here among all. */
  readonly from: number;
  /** Records in a bucket; the last one may hold fewer. */
  readonly stride: number;
  /** Where the last record of each bucket stands: steps made, gradients evaluated, seconds passed. */
  readonly step: readonly number[];
  readonly gradients: readonly number[];
  readonly seconds: readonly number[];
  readonly columns: { readonly [curve: string]: Column };
};

/** The curves of a run: those of its steps under `train`, those of its evaluations under the name of their data. */
export type Curves = { readonly [split: string]: Table };
