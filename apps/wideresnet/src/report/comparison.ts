import type { Summary } from '../run/summary.ts';
import { duration, grouped, percent } from './format.ts';
import type { Table } from './page.ts';

const errorText = (error: number | null): string => (error === null ? 'not evaluated' : percent(error));

/** What some runs came to, a row each: the same numbers for people as in the files of the runs. */
export function resultsOf(summaries: readonly Summary[]): Table {
  const isChosen = summaries.some(({ bestStep }) => bestStep !== null);
  const choice = (summary: Summary): readonly string[] => (isChosen ? [errorText(summary.validationError)] : []);
  return {
    head: [
      'run',
      ...(isChosen ? ['validation error'] : []),
      ...['test error', 'test loss', 'sharpness', 'steps', 'gradients', 'time'],
    ],
    rows: summaries.map((summary) => [
      summary.status === 'interrupted' ? `${summary.name} (interrupted)` : summary.name,
      ...choice(summary),
      errorText(summary.testError),
      summary.testLoss === null ? '' : summary.testLoss.toFixed(3),
      summary.sharpness === null ? '' : summary.sharpness.toFixed(3),
      grouped(summary.steps),
      grouped(summary.gradientEvaluations),
      duration(summary.seconds),
    ]),
  };
}

/** A table in lines: the first column to the left, numbers to the right. */
export function aligned({ head, rows }: Table): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
