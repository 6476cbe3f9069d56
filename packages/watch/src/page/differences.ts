import type { Run } from '../run.ts';

/** The options in which runs differ, by name: the value of each run, undefined where it has none. */
export type Difference = {
  readonly name: string;
  readonly values: readonly (string | number | boolean | undefined)[];
};

/** Finds the options in which runs differ; none where there is but one run. */
export function differencesOf(runs: readonly Run[]): readonly Difference[] {
  const names = [...new Set(runs.flatMap(({ options }) => Object.keys(options)))];
  return names
    .map((name) => ({ name, values: runs.map(({ options }) => options[name]) }))
    .filter(({ values }) => values.some((value) => value !== values[0]));
}
