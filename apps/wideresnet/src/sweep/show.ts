import { basename, join, resolve } from 'node:path';
import { writeAtomically } from '@steppe/files';
import { aligned } from '../report/comparison.ts';
import { duration, percent, plural } from '../report/format.ts';
import { shownPath } from '../run/run-folder.ts';
import { type Results, type Row, readResults } from './results.ts';
import { scatterOf } from './scatter.ts';
import { scatterSvg } from './scatter-svg.ts';
import { scatterText } from './scatter-text.ts';
import { optionWords, textOf } from './trial.ts';

/** A metric for people. */
const shownValue = (metric: string, value: unknown): string => {
  if (typeof value !== 'number') return '';
  if (metric === 'seconds') return duration(value);
  return metric.endsWith('_error') ? percent(value) : value.toPrecision(4);
};

const stateOf = ({ outcome: { state }, value }: Row): string => {
  if (state === 'absent') return 'not begun';
  if (state === 'begun') return 'not complete';
  return value === undefined ? 'no value' : 'complete';
};

/** The trials in a table, the best one first. */
function tableOf({ metric, searched, rows }: Results): readonly string[] {
  return aligned({
    head: ['trial', ...searched, metric.replaceAll('_', ' '), 'state', 'time'],
    rows: rows.map((row) => [
      row.name,
      ...searched.map((option) => {
        const value = row.outcome.options[option];
        return value === undefined ? '' : textOf(value);
      }),
      shownValue(metric, row.value),
      stateOf(row),
      shownValue('seconds', row.outcome.values.seconds),
    ]),
  });
}

/** The best trial in a sentence, with what it came to on images that nobody chose by. */
function bestOf({ metric, searched, rows }: Results): string {
  const [best] = rows;
  const complete = rows.filter(({ value }) => value !== undefined).length;
  if (best?.value === undefined) return `No trial of ${rows.length} is complete.`;
  const { options, values } = best.outcome;
  const words = optionWords(Object.fromEntries(searched.map((option) => [option, options[option]]))).join(' ');
  const test = metric === 'test_error' ? undefined : values.test_error;
  const on = typeof test === 'number' ? `, test error ${percent(test)}` : '';
  return `The best of ${plural(complete, 'complete trial')} is ${best.name}: ${words}, ${metric.replaceAll('_', ' ')} ${shownValue(metric, best.value)}${on}.`;
}

/** Where the picture of a sweep is. */
const picture = 'sweep.svg';

/**
 * Prints the trials of a sweep as a table and a chart, and leaves the chart in its folder as SVG.
 *
 * @param columns - Characters in a line.
 * @throws When the folder is none of a sweep.
 */
export async function showSweep(folder: string, columns: number, say: (text: string) => void): Promise<void> {
  const results = await readResults(folder);
  const scatter = scatterOf(results);
  say([...tableOf(results), '', bestOf(results)].join('\n'));
  if (scatter === undefined) return;
  const file = join(folder, picture);
  await writeAtomically(file, scatterSvg(scatter, basename(resolve(folder))));
  say(['', ...scatterText(scatter, columns), '', `The picture: ${shownPath(file)}`].join('\n'));
}
