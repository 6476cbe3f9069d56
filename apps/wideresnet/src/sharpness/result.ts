import type { Device } from '../run/device.ts';
import type { AxesKind } from './options.ts';
import type { MeasureName } from './table.ts';
import type { Measured, Reading } from './taking.ts';

/** A measure of one run, or why there is none. */
export type MeasureResult = {
  /** The function of `@steppe/sharpness`. */
  readonly of: string;
  readonly readings?: readonly Reading[];
  /** All that it found. */
  readonly found?: object;
  /** How batch normalization took its statistics, where that is not as for the others. */
  readonly batchNorm?: 'training';
  readonly failure?: string;
};

/** Whether runs that are measured together were at equal loss. */
type Comparison = {
  readonly isEqual: boolean;
  /** The largest of their losses over the least. */
  readonly ratio: number;
  readonly with: readonly string[];
};

/** The weights that are measured, and on what. */
export type Place = {
  readonly name: string;
  /** Of the weights; null where an old run does not say it. */
  readonly step: number | null;
  readonly loss: number;
  readonly errorRate: number;
  /** What the loss is, in words. */
  readonly lossIs: string;
  readonly batchNorm: 'evaluation' | 'training';
  readonly images: {
    readonly dataset: string;
    readonly split: 'train' | 'test';
    readonly examples: number;
    /** Images that share a perturbation. */
    readonly batch: number;
    readonly sameData: boolean;
  };
};

/** The programs that computed. */
export type Versions = { readonly steppe: string; readonly node: string; readonly tfjs: string };

/** What was measured of a run, as sharpness.json has it. */
export type RunResult = Place & {
  readonly rho: number;
  readonly p: number;
  readonly axes: AxesKind;
  readonly seed: number;
  readonly measures: { readonly [name in MeasureName]?: MeasureResult };
  readonly comparison?: Comparison;
  readonly device: Device['name'];
  readonly versions: Versions;
  readonly seconds: number;
};

/** A run with what of its measures is drawn. */
export type RunMeasured = { readonly result: RunResult; readonly drawn: { readonly [name in MeasureName]?: Measured } };
