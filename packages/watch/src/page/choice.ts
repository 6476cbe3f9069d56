import type { Run } from '../run.ts';
import type { Axis } from './format.ts';

/** What a reader chose to see; it is kept in the address, so that a reload and a bookmark keep it. */
export type Choice = {
  readonly axis: Axis;
  readonly logarithmic: boolean;
  readonly detail: Detail;
  /** The runs to show; undefined where the page chooses. */
  readonly runs: ReadonlySet<string> | undefined;
};

/**
 * How many points a curve has: the fewer, the more records each is the mean of, so that a trend stands out of the noise
 * of single batches; the range around it keeps what lies outside.
 */
export const details = { coarse: 60, medium: 250, fine: 1000 } as const;

export type Detail = keyof typeof details;

/** How many runs the page shows by itself. */
const few = 8;

/** Reads a choice out of an address; what is no choice is as if it were not there. */
export function parseChoice(search: string): Choice {
  const query = new URLSearchParams(search);
  const x = query.get('x');
  const detail = query.get('detail');
  const runs = query.getAll('run');
  return {
    axis: x === 'gradients' || x === 'seconds' ? x : 'step',
    logarithmic: query.get('y') === 'log',
    detail: detail === 'coarse' || detail === 'fine' ? detail : 'medium',
    runs: query.has('run') ? new Set(runs.filter((name) => name !== '')) : undefined,
  };
}

/** Writes a choice as the query of an address; a choice of no runs is written too. */
export function printChoice({ axis, logarithmic, detail, runs }: Choice): string {
  const query = new URLSearchParams();
  if (axis !== 'step') query.set('x', axis);
  if (logarithmic) query.set('y', 'log');
  if (detail !== 'medium') query.set('detail', detail);
  for (const name of runs?.size === 0 ? [''] : (runs ?? [])) query.append('run', name);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** Runs in the order of the list: those that run first, then those that changed last. */
export const inOrder = (runs: readonly Run[]): readonly Run[] =>
  [...runs].sort(
    (a, b) =>
      Number(b.state === 'running') - Number(a.state === 'running') ||
      (a.state === 'running' ? 0 : b.changed - a.changed) ||
      a.name.localeCompare(b.name),
  );

/** The runs that are shown: those chosen, else the first few of the list. */
export const shownOf = (ordered: readonly Run[], { runs }: Choice): readonly Run[] =>
  runs === undefined ? ordered.slice(0, few) : ordered.filter(({ name }) => runs.has(name));
