import { duration, grouped, percent } from './format.ts';
import type { Table } from './page.ts';
import type { Reported } from './read-runs.ts';

const shown = (value: number | undefined, text: (value: number) => string): string =>
  value === undefined ? '' : text(value);

/** What some runs have come to, a row each; only the columns that any of them has. */
export function resultsOfRuns(runs: readonly Reported[]): Table {
  const share = (of: string) => (run: Reported) => shown(run.run.latest[of], (error) => percent(error));
  const number = (of: string) => (run: Reported) => shown(run.run.latest[of], (value) => value.toFixed(3));
  const columns: readonly (readonly [head: string, cell: (run: Reported) => string])[] = [
    ['run', ({ name, run }) => (run.state === 'complete' ? name : `${name} (${run.state})`)],
    ['validation error', share('validation error')],
    ['test error', share('test error')],
    ['test loss', number('test loss')],
    ['sharpness', number('test sharpness')],
    ['steps', ({ run }) => grouped(run.step)],
    ['gradients', ({ run }) => grouped(run.gradients)],
    ['time', ({ run }) => duration(run.seconds)],
  ];
  const used = columns.filter(([, cell]) => runs.some((run) => cell(run) !== ''));
  return { head: used.map(([head]) => head), rows: runs.map((run) => used.map(([, cell]) => cell(run))) };
}
