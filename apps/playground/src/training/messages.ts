import type { Settings } from '../settings.ts';
import type { Measurement, Pair } from './contest.ts';
import type { Finding } from './survey.ts';

/** What the page tells the worker. */
export type Request =
  /** Ends the run under way, if any, and prepares another; `page` is the page's address. */
  | { readonly type: 'prepare'; readonly run: number; readonly settings: Settings; readonly page: string }
  | { readonly type: 'go' }
  | { readonly type: 'pause' }
  /** Whether to survey the landscape beside the training; not, until it is asked for. */
  | { readonly type: 'survey'; readonly on: boolean };

/** What the worker tells the page of the run with the number `run`. */
export type Reply = { readonly run: number } & Told;

export type Told =
  | { readonly type: 'ready'; readonly device: string; readonly warnings: readonly string[] }
  | { readonly type: 'step'; readonly step: number; readonly loss: Pair; readonly milliseconds: number }
  | { readonly type: 'measured'; readonly measurement: Measurement; readonly tensors: number }
  | Finding
  | { readonly type: 'failed'; readonly message: string };
