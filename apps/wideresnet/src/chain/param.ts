import type { GradientTransformation, StepBatch } from '@steppe/transforms';
import type { Tree } from '@steppe/tree';
import type { Tensor1D } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { TrainingBatch } from '../run/mixing.ts';
import type { Written, WrittenOptions } from './written.ts';

/** The package that is only loaded when a chain is built, so that help comes at once. */
export type Transforms = typeof import('@steppe/transforms');

/** What a training step of the app hands its optimizer. */
type Seen = StepBatch<TrainingBatch, Tree>;

/** A link of a chain, which may look into the batch of the app. */
export type Link = GradientTransformation<Tree, Seen>;

/** What a training step of the app takes: a chain of links. */
export type Optimizer = GradientTransformation<readonly Tree[], Seen>;

/** The loss of every example of a batch, `[batch]`. */
export type ExampleLoss = (params: Tree, batch: Seen) => Tensor1D;

/** What can stand where options are read: a link, a schedule, or a schedule of radii or radii by group. */
export type CallKind = 'link' | 'schedule' | 'radius';

/** Where something is read, for messages and for what is nested. */
export type Place = {
  /** From the whole chain on, such as `chain[2].lookSam.rho`. */
  readonly path: string;
  /** A path as whoever said it would write it: `--chain[2]` or `chain[2] in run.yaml`. */
  readonly nameOf: (path: string) => string;
  /** How many links it is inside of. */
  readonly depth: number;
  /** Reads links in a list or one alone, always as a list. */
  readonly links: (value: unknown, place: Place) => Written;
  /** Reads one schedule. */
  readonly call: (kind: 'schedule' | 'radius', value: unknown, place: Place) => Written;
  /** Reads the options of something that takes some. */
  readonly options: (takes: Params, value: unknown, place: Place) => WrittenOptions;
};

/** What a chain is made with. */
export type Making = Pick<Place, 'path' | 'nameOf'> & {
  readonly transforms: Transforms;
  /** The steps that a schedule has where it says none: those of the run, or of the part of it that it is for. */
  readonly steps: number;
  readonly exampleLoss: ExampleLoss;
  /** Makes the link that averages over the ranks of the run. */
  readonly mean: () => Link;
  readonly links: (written: Written, making: Making) => Link;
  readonly call: (written: Written, making: Making) => unknown;
  readonly options: (takes: Params, written: Written, making: Making) => { readonly [option: string]: unknown };
};

/** The place of a part: `.rho` of a link, `[2]` of a list. */
export const within = <At extends { readonly path: string }>(at: At, step: string): At => ({
  ...at,
  path: `${at.path}${step}`,
});

/** An option of a link: what it is, how it is read, and what is made of it. */
export type Param<Built> = {
  /** What it is, in a few words. */
  readonly about: string;
  /** What ends the sentence "chain[2].lookSam.rho must be ...". */
  readonly expects: string;
  readonly schema: z.ZodType;
  /** Checks a value and gives it in the one form in which it is kept. */
  readonly read: (value: unknown, place: Place) => Written;
  readonly build: (written: Written, making: Making) => Built;
  /** What a record may be that is the value itself, where it stands for the options of the link that takes it first. */
  readonly short?: CallKind | 'groups';
  /** Whether a link may do without it. */
  readonly spare?: true;
  /** What it is then, where that is one value. */
  readonly otherwise?: Written;
};

/** The options of a link by name; the first one may stand alone. */
export type Params = { readonly [option: string]: Param<unknown> };

type SpareOf<P extends Params> = {
  [Name in keyof P]: P[Name] extends { readonly spare: true } ? Name : never;
}[keyof P];
type BuiltOf<P> = P extends { readonly build: (...of: never[]) => infer Built } ? Built : never;

/** What the options of a link are made into. */
export type Built<P extends Params> = {
  readonly [Name in Exclude<keyof P, SpareOf<P>>]: BuiltOf<P[Name]>;
} & { readonly [Name in SpareOf<P>]?: BuiltOf<P[Name]> };

/** Makes an option one that may be left out. */
export const spare = <Value>(param: Param<Value>, otherwise?: Written): Param<Value> & { readonly spare: true } => ({
  ...param,
  spare: true,
  ...(otherwise !== undefined && { otherwise }),
});
