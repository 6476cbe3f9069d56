import { describeDevice } from '../run/device.ts';
import type { Facts } from '../run/facts.ts';
import { shownPath } from '../run/run-folder.ts';
import { summaryLine } from '../run/summary.ts';
import { duration, grouped, percent, plural } from './format.ts';
import { type Output, showProgress } from './progress.ts';
import type { Reporter } from './reporter.ts';

/** How the user called us, to say what to type next: in a clone by the scripts of its package.json. */
const command = ['start', 'steppe'].includes(process.env.npm_lifecycle_event ?? '') ? 'npm run steppe --' : 'steppe';

const labelled = (label: string, lines: readonly string[]): string =>
  lines.map((line, i) => `${(i === 0 ? label : '').padEnd(9)}${line}`).join('\n');

function heading(
  { device, dataset, network, chain, options, steps, gradientEvaluations }: Facts,
  folder: string,
): string {
  const rival = options.compare === 'none' ? '' : ', then as many without SAM';
  return [
    labelled('Device', describeDevice(device)),
    labelled('Data', [
      `${dataset.name}: ${grouped(dataset.trainingImages)} images to train on, ${grouped(dataset.testImages)} held out`,
      `from ${dataset.source}`,
    ]),
    labelled('Network', [`${network.name}, ${plural(network.parameters, 'parameter')}`]),
    labelled('Method', [chain]),
    labelled('Cost', [`${plural(steps, 'step')}, ${plural(gradientEvaluations, 'gradient evaluation')}${rival}`]),
    labelled('Files', [shownPath(folder)]),
  ].join('\n');
}

/** Tells people, on standard output. */
export function humanReporter(stream: Output): Reporter {
  const print = (text: string): void => {
    stream.write(`${text}\n`);
  };
  let note = print;
  return {
    note: (text) => note(text),
    begin: (facts, folder, remarks) => print([heading(facts, folder), ...remarks, ''].join('\n')),
    run(plan) {
      const progress = showProgress(plan, stream);
      note = progress.note;
      return {
        onStep: (line) => progress.step(line),
        onEvaluation: ({ epoch, errorRate = Number.NaN, loss = Number.NaN }, seconds) =>
          progress.note(
            `${plan.name} epoch ${epoch}/${plan.epochs}: test error ${percent(errorRate)}, test loss ${loss.toFixed(3)} (${duration(seconds)})`,
          ),
        stop() {
          progress.stop();
          note = print;
        },
      };
    },
    end(summaries, folder) {
      const where = shownPath(folder);
      const saved = summaries.some(({ steps }) => steps > 0);
      print(['', ...summaries.map(summaryLine), `The files are in ${where}`].join('\n'));
      if (saved) print(`Evaluate again: ${command} evaluate ${where}`);
    },
  };
}
