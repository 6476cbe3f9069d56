import type { Table } from './page.ts';
import type { Reported } from './read-runs.ts';

const absent = '';

/** The options in which some runs differ, a row each; undefined where they are all alike, or there is one run. */
export function differencesOf(runs: readonly Reported[]): Table | undefined {
  const names = [...new Set(runs.flatMap(({ run }) => Object.keys(run.options)))];
  const rows = names
    .map((name) => [name, ...runs.map(({ run }) => String(run.options[name] ?? absent))])
    .filter(([, first, ...others]) => others.some((other) => other !== first));
  return rows.length === 0 ? undefined : { head: ['option', ...runs.map(({ name }) => name)], rows };
}
