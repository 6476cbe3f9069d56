import * as tf from '@tensorflow/tfjs-core';
import type { Case } from './case.ts';
import { compare } from './compare.ts';
import { type Outcome, onBackend, outcomeOf } from './outcome.ts';

/** What cases come to on the backend that others are compared with, by name. */
export type Reference = ReadonlyMap<string, Outcome>;

/** How a backend did in a case. */
export type Row = {
  readonly name: string;
  readonly passed: boolean;
  /** The largest error, relative to the largest number of its tensor; NaN where nothing was computed. */
  readonly error: number;
  readonly tolerance: number;
  /** Why it failed, or how it refused; empty where the numbers agree. */
  readonly reason: string;
};

/** Says how a backend is checked. */
export type ConformOptions = {
  /**
   * What is right: a backend by its name in tfjs, or what `referenceOf` gave before for these cases.
   *
   * @defaultValue 'cpu'
   */
  readonly reference?: string | Reference;
  /** Sees each row as soon as it is known. */
  readonly onRow?: (row: Row) => void;
};

function checkCases(cases: readonly Case[]): void {
  const names = new Set<string>();
  for (const { name } of cases) {
    if (names.has(name)) throw new Error(`Two cases are called "${name}": give each its own name.`);
    names.add(name);
  }
  if (!tf.getGradient('Relu'))
    throw new Error('tfjs has no gradients registered: import @steppe/autograd or @tensorflow/tfjs first.');
}

/**
 * Computes cases on a backend that is trusted, to compare several others with it.
 *
 * @throws When tfjs does not know the backend or cannot start it.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { kernelCases, referenceOf } from '@steppe/conformance';
 *
 * const reference = await referenceOf('cpu', kernelCases);
 * console.log(reference.size === kernelCases.length); // => true
 * ```
 */
export async function referenceOf(backend: string, cases: readonly Case[]): Promise<Reference> {
  checkCases(cases);
  return onBackend(backend, async () => {
    const outcomes = new Map<string, Outcome>();
    for (const each of cases) outcomes.set(each.name, await outcomeOf(each));
    return outcomes;
  });
}

function judge({ name, tolerance, refusable = false }: Case, actual: Outcome, expected: Outcome): Row {
  const row = (passed: boolean, error: number, reason: string): Row => ({ name, passed, error, tolerance, reason });
  if ('thrown' in expected) return row(false, Number.NaN, `the reference threw: ${expected.thrown}`);
  if ('thrown' in actual) return row(refusable, Number.NaN, `${refusable ? 'refused' : 'threw'}: ${actual.thrown}`);
  const { error, wrong, worst } = compare(actual.tensors, expected.tensors);
  if (wrong) return row(false, error, wrong);
  if (!(error <= tolerance)) return row(false, error, worst);
  if (actual.leaked !== 0) return row(false, error, `leaves ${actual.leaked} tensors or data behind`);
  return row(true, error, '');
}

/**
 * Runs cases on a backend and on a reference, and tells for each whether the numbers agree and nothing was left behind.
 *
 * The backend is any that tfjs knows by this name: one of this package after `useBackend(name)`, or your own. The
 * current backend stays. Cases that a backend may refuse run last, since a GPU may not recover from what it rejects.
 * Nothing that a case throws ends the run.
 *
 * @param backend - The name under which tfjs knows it.
 * @param cases - `kernelCases`, `allCases` of `@steppe/conformance`, or your own.
 * @returns A row per case, in their order.
 * @throws When tfjs does not know a backend or cannot start it, when no gradients are registered, when two cases share
 * a name.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { useBackend } from '@steppe/backends';
 * import { conform, formatRows, kernelCases } from '@steppe/conformance';
 *
 * await useBackend('wasm');
 * const rows = await conform('wasm', kernelCases);
 * console.log(formatRows(rows.filter(({ passed }) => !passed))); // => 0 passed, 0 failed
 * ```
 */
export async function conform(
  backend: string,
  cases: readonly Case[],
  { reference = 'cpu', onRow = () => {} }: ConformOptions = {},
): Promise<readonly Row[]> {
  checkCases(cases);
  const known = typeof reference === 'string' ? await referenceOf(reference, cases) : reference;
  const rows = new Map<string, Row>();
  const inTurn = [...cases.filter(({ refusable }) => !refusable), ...cases.filter(({ refusable }) => refusable)];
  for (const { name } of cases)
    if (!known.has(name))
      throw new Error(`The reference lacks the case "${name}": make it by referenceOf of the same cases.`);
  await onBackend(backend, async () => {
    for (const each of inTurn) {
      const row = judge(each, await outcomeOf(each), known.get(each.name) as Outcome);
      rows.set(each.name, row);
      onRow(row);
    }
  });
  return cases.map(({ name }) => rows.get(name) as Row);
}
