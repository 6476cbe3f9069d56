import { join } from 'node:path';
import { printable } from '@steppe/files';
import { pathWord } from '../commands/shell.ts';
import { describeDevice } from '../run/device.ts';
import type { Facts } from '../run/facts.ts';
import { pretrainedText } from '../run/pretrained.ts';
import { reportFiles } from '../run/report-files.ts';
import { shownPath } from '../run/run-folder.ts';
import { summaryLine } from '../run/summary.ts';
import { type ChartBoard, chartBoard } from './chart-board.ts';
import { command } from './command.ts';
import { aligned, resultsOf } from './comparison.ts';
import { duration, grouped, percent, plural } from './format.ts';
import { paragraph, widthOf } from './layout.ts';
import { estimateLines } from './measured.ts';
import { evaluationLine, prefixOf, resultLine } from './named-values.ts';
import { print } from './print.ts';
import { type Output, showProgress } from './progress.ts';
import type { Reporter } from './reporter.ts';

const labelled = (label: string, lines: readonly string[]): string =>
  lines.map((line, i) => `${(i === 0 ? label : '').padEnd(9)}${line}`).join('\n');

function heading(
  { device, captured, ranks, dataset, network, chain, options, steps, gradientEvaluations }: Facts,
  folder: string,
): string {
  const more = options['tuned-decay'] === undefined ? '' : `, ${steps}, and ${steps} with a tuned weight decay`;
  const rival = options.compare === 'none' ? '' : `; then without SAM ${gradientEvaluations}${more}`;
  const { labelNoise, relabelled } = dataset;
  return [
    labelled('Device', [
      ...describeDevice(device),
      ...(captured ? ['steps are captured: recorded once, then replayed by one call (--eager: kernel by kernel)'] : []),
    ]),
    ...(ranks === undefined
      ? []
      : [
          labelled('Ranks', [
            `${ranks}, each with ${Math.ceil(options.batch / ranks)} images of a batch of ${options.batch}`,
            ...(options['sync-batch-norm'] ? ['batch norm takes the statistics of the images of all'] : []),
          ]),
        ]),
    labelled('Data', [
      `${printable(dataset.name)}: ${grouped(dataset.trainingImages)} images to train on, ${dataset.validationImages === undefined ? '' : `${grouped(dataset.validationImages)} to choose by, `}${grouped(dataset.testImages)} held out`,
      ...(labelNoise === undefined
        ? []
        : [
            `labels: ${grouped(labelNoise.replaced)} of ${grouped(dataset.trainingImages)} to train on are wrong on purpose; those held out are right`,
          ]),
      ...(relabelled === undefined
        ? []
        : [
            `labels: what ${shownPath(relabelled.file)} predicts, ${grouped(relabelled.changed)} of them others than before`,
          ]),
      printable(`from ${dataset.source}`),
    ]),
    labelled('Network', [
      `${network.name}, ${plural(network.parameters, 'parameter')}`,
      ...(network.pretrained ? [pretrainedText(network.pretrained)] : []),
    ]),
    labelled('Method', [chain]),
    labelled('Cost', [`${plural(steps, 'step')}, ${plural(gradientEvaluations, 'gradient evaluation')}${rival}`]),
    labelled('Files', [shownPath(folder)]),
  ].join('\n');
}

/** Tells people, on standard output; where that is no terminal, programs too, by lines of `name=value`. */
export function humanReporter(stream: Output): Reporter {
  const say = (text: string): void => print(stream, text);
  let board: ChartBoard | undefined;
  const above = (text: string): void => (board === undefined ? say(text) : board.note(text));
  let note = above;
  return {
    note: (text) => note(text),
    begin(facts, folder, remarks) {
      say([heading(facts, folder), ...remarks, ''].join('\n'));
      board = chartBoard(stream, {
        gradients: facts.gradientEvaluations,
        split: facts.dataset.validationImages === undefined ? 'test' : 'validation',
      });
    },
    run(plan, points = []) {
      const progress = showProgress(plan, stream);
      note = (text) => progress.aside(() => above(text));
      board?.begin(plan.name, points);
      let gradients = 0;
      return {
        onStep(line) {
          gradients = line.gradientEvaluations;
          progress.step(line);
        },
        onEvaluation(record, seconds) {
          const { epoch, split, errorRate = Number.NaN, loss = Number.NaN } = record;
          const { name, epochs, folder } = plan;
          if (board !== undefined && split === plan.split)
            return progress.aside(() => board?.add({ gradients, error: errorRate }));
          const result = `${split} error ${percent(errorRate)}, ${split} loss ${loss.toFixed(3)}`;
          note(`${name} epoch ${epoch}/${epochs}: ${result} (${duration(seconds)})`);
          if (!stream.isTTY) note(evaluationLine(record, prefixOf(name, folder === '')));
        },
        stop() {
          progress.stop();
          note = above;
        },
      };
    },
    estimate: (estimates, device) => say(estimateLines(estimates, device).join('\n')),
    end(summaries, folder, remarks) {
      const where = shownPath(folder);
      const saved = summaries.some(({ steps }) => steps > 0);
      const results = summaries.length > 1 ? aligned(resultsOf(summaries)) : summaries.map(summaryLine);
      const fair = remarks.map((remark) => paragraph(remark, widthOf(stream)));
      say(['', ...results, ...(fair.length > 0 ? ['', ...fair, ''] : []), `The files are in ${where}`].join('\n'));
      if (saved) say(`The curves: ${join(where, reportFiles.page)}, which any browser opens`);
      if (saved) say(`Evaluate again: ${command} evaluate ${pathWord(where)}`);
      const values = summaries.map((summary, i) => resultLine(summary, prefixOf(summary.name, i === 0)));
      if (!stream.isTTY) say(values.join(' '));
    },
  };
}
