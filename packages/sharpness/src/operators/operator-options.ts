import { type Check, checkFunction, checkOptions } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import { type Batches, type Pass, type PassOptions, passOptions, passOver } from '../examples.ts';
import type { Wanted } from './operator.ts';

/** What an operator over examples acts on, and how it passes over them at each product. */
export type BatchedOptions<Batch> = PassOptions<Batch> & {
  /** Chooses the leaves that it acts on, which costs less where they are few. @defaultValue all */
  readonly wanted?: Wanted;
};

/** Checks the options of an operator over examples, and takes them apart. */
export function batched<Batch extends Tree>(
  what: string,
  batches: Batches<Batch>,
  options: BatchedOptions<Batch>,
  further: { readonly [option: string]: Check } = {},
): { readonly wanted: Wanted; readonly pass: Pass<Batch> } {
  checkOptions(what, options, { ...passOptions, wanted: checkFunction, ...further });
  const { wanted = () => true, size, signal, onProgress } = options;
  const given = Object.fromEntries(Object.entries({ size, signal, onProgress }).filter(([, value]) => value));
  return { wanted, pass: passOver(what, batches, given) };
}
