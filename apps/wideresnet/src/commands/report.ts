import { join } from 'node:path';
import { makeFolder, writeAtomically } from '@steppe/files';
import { printJson } from '@steppe/tree';
import { type Picture, picturesOf } from '../report/charts.ts';
import { command } from '../report/command.ts';
import { aligned } from '../report/comparison.ts';
import { differencesOf } from '../report/differences.ts';
import { plural } from '../report/format.ts';
import { htmlPage } from '../report/page.ts';
import { toPng } from '../report/png.ts';
import { print } from '../report/print.ts';
import { curveOf, type Reported, readRuns, splitOf } from '../report/read-runs.ts';
import { resultsOfRuns } from '../report/results-of-runs.ts';
import { svgChart } from '../report/svg-chart.ts';
import { textChart } from '../report/text-chart.ts';
import { newFolder, shownPath, stamp } from '../run/run-folder.ts';
import { exitCode } from './exit-codes.ts';

/** What `steppe report` is asked for. */
export type ReportOptions = { readonly out?: string | undefined; readonly json: boolean };

const words = (runs: readonly Reported[]) => ({
  title: runs.length === 1 ? (runs[0]?.name ?? '') : plural(runs.length, 'run'),
  subtitle:
    runs.length === 1
      ? ''
      : runs
          .map(({ name }) => name)
          .join(', ')
          .slice(0, 100),
});

/** The chart of errors, and one for each kind of curve of the steps. */
function chartsOf(runs: readonly Reported[]): readonly Picture[] {
  const split = splitOf(runs);
  const curves = runs.map((run) => curveOf(run, split));
  const error = svgChart(curves, { ...words(runs), title: 'Error on held-out images', split });
  return [...(error === undefined ? [] : [{ name: 'error', svg: error }]), ...picturesOf(runs, words(runs).subtitle)];
}

async function write(folder: string, runs: readonly Reported[], typed: readonly string[]): Promise<readonly string[]> {
  const charts = chartsOf(runs);
  makeFolder(folder);
  const page = htmlPage({
    ...words(runs),
    about: `${words(runs).title}, read at ${new Date().toISOString()}.`,
    charts: charts.map(({ svg }) => svg),
    results: resultsOfRuns(runs),
    differences: differencesOf(runs),
    remarks: runs.flatMap(({ problems }) => problems.map(({ file, why }) => `${file} ${why}`)),
    command: `${command} report ${typed.join(' ')}`,
    facts: runs.flatMap(({ name, config }) =>
      typeof config?.chain === 'string' ? [[name, config.chain] as const] : [],
    ),
  });
  const files = [
    ['report.html', page] as const,
    ...charts.map(({ name, svg }) => [`${name}.svg`, svg] as const),
    ...(await Promise.all(charts.map(async ({ name, svg }) => [`${name}.png`, await toPng(svg)] as const))),
  ];
  for (const [name, content] of files) await writeAtomically(join(folder, name), content);
  return files.map(([name]) => join(folder, name));
}

/** Runs `steppe report`: one page, and pictures, of runs beside each other. */
export async function reportCommand(folders: readonly string[], { out, json }: ReportOptions): Promise<number> {
  const runs = await readRuns(folders);
  const folder = await newFolder(out ?? join('runs', `report-${stamp(new Date())}`));
  const files = await write(folder, runs, folders);
  if (json) {
    print(process.stdout, printJson({ schema: 'steppe.events/1', event: 'report', folder, files }));
    return exitCode.ok;
  }
  const split = splitOf(runs);
  const curves = runs.map((run) => curveOf(run, split));
  const gradients = Math.max(...runs.map(({ run }) => run.gradients));
  const color = process.stdout.isTTY === true && !process.env.NO_COLOR;
  print(process.stdout, ...textChart(curves, { columns: 80, rows: 12, gradients, split, color }), '');
  print(
    process.stdout,
    ...aligned(resultsOfRuns(runs)),
    '',
    `The page: ${shownPath(join(folder, 'report.html'))}, which any browser opens`,
  );
  return exitCode.ok;
}
