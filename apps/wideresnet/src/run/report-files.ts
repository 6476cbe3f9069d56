import { join } from 'node:path';
import { makeFolder, writeAtomically } from '@steppe/files';
import { readRun } from '@steppe/watch';
import type { Options } from '../options/table.ts';
import { picturesOf } from '../report/charts.ts';
import { command } from '../report/command.ts';
import { resultsOf } from '../report/comparison.ts';
import { remarksOn } from '../report/evidence.ts';
import { grouped, percent } from '../report/format.ts';
import { htmlPage } from '../report/page.ts';
import { svgChart } from '../report/svg-chart.ts';
import type { Facts } from './facts.ts';
import type { Trained } from './one-run.ts';
import { shownPath } from './run-folder.ts';

/** The picture of a command's runs, and the page around it. */
export const reportFiles = { picture: 'report.svg', page: 'report.html' } as const;

const titleOf = ({ dataset: { labelNoise, name }, network }: Facts): string =>
  labelNoise === undefined
    ? `${network.name} on ${name}`
    : `Learning from labels of which ${percent(labelNoise.share, 0)} are wrong`;

function aboutOf({ dataset, network }: Facts): string {
  const { name, trainingImages, validationImages, testImages, labelNoise } = dataset;
  const chosen = validationImages === undefined ? '' : `chosen by ${grouped(validationImages)} held out of them, `;
  const right = labelNoise === undefined ? '' : ' with right labels';
  return `${network.name}, trained on ${grouped(trainingImages)} images of ${name}, ${chosen}measured on ${grouped(testImages)} others${right}`;
}

function factsOf({ chain, dataset, device, network, versions }: Facts): readonly (readonly [string, string])[] {
  const { labelNoise, relabelled } = dataset;
  return [
    ['method', chain],
    ['network', `${network.name}, ${grouped(network.parameters)} parameters`],
    ['images', `${dataset.name}, ${dataset.source}; SHA-256 ${dataset.sha256}`],
    ...(labelNoise === undefined
      ? []
      : ([
          [
            'wrong labels',
            `${grouped(labelNoise.replaced)} of ${grouped(dataset.trainingImages)}; SHA-256 of the labels ${labelNoise.sha256}`,
          ],
        ] as const)),
    ...(relabelled === undefined
      ? []
      : ([['labels', `what ${relabelled.file} predicts; SHA-256 of the labels ${relabelled.sha256}`]] as const)),
    ['device', `${device.name}: ${device.description}`],
    ['versions', `steppe ${versions.steppe}, Node ${versions.node}, TensorFlow.js ${versions.tfjs}`],
  ];
}

/**
 * Leaves the picture and the page of some runs in their folder.
 *
 * @param trained - The runs in their order; the first one's facts stand for all.
 */
export async function writeReport(folder: string, options: Options, trained: readonly Trained[]): Promise<void> {
  const [first] = trained;
  if (first === undefined) return;
  const words = {
    title: titleOf(first.facts),
    subtitle: aboutOf(first.facts),
    split: first.facts.dataset.validationImages === undefined ? 'test' : 'validation',
  } as const;
  const chart = svgChart(
    trained.map(({ curve }) => curve),
    words,
  );
  const shown = await Promise.all(
    trained.map(async (run) => ({ name: run.summary.name, curves: (await readRun(run.folder)).curves })),
  );
  const page = htmlPage({
    title: words.title,
    about: `${words.subtitle}.`,
    charts: [...(chart === undefined ? [] : [chart]), ...picturesOf(shown, words.subtitle).map(({ svg }) => svg)],
    results: resultsOf(trained.map(({ summary }) => summary)),
    remarks: remarksOn(options),
    command: `${command} train --config ${join(shownPath(folder), 'config.json')}`,
    facts: factsOf(first.facts),
  });
  makeFolder(folder);
  if (chart !== undefined) await writeAtomically(join(folder, reportFiles.picture), chart);
  await writeAtomically(join(folder, reportFiles.page), page);
}
