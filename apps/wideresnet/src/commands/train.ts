import { join } from 'node:path';
import { openRunLog } from '@steppe/train/node';
import { dispose, size } from '@steppe/tree';
import type { Options } from '../options/options.ts';
import { humanReporter } from '../report/human.ts';
import { jsonReporter } from '../report/json.ts';
import type { Reporter } from '../report/reporter.ts';
import { type Data, loadData } from '../run/data.ts';
import { chooseDevice } from '../run/device.ts';
import { type Facts, gather } from '../run/facts.ts';
import { type Interrupt, onInterrupt } from '../run/interrupt.ts';
import { keysOf } from '../run/keys.ts';
import { makeNetwork } from '../run/network.ts';
import { makeOptimizer } from '../run/optimizer.ts';
import { makePlans, type Plan } from '../run/plan.ts';
import { chooseRunFolder, shownPath, writeJson } from '../run/run-folder.ts';
import { type Summary, summarize } from '../run/summary.ts';
import { runTraining, type Start } from '../run/training.ts';
import { saveWeights } from '../run/weights.ts';
import { exitCode } from './exit-codes.ts';

/** Trains one run and leaves its files in a folder; after an interruption those of the steps so far. */
async function trainOne(
  plan: Plan,
  data: Data,
  start: Start,
  { facts, folder, reporter, signal }: { facts: Facts; folder: string; reporter: Reporter; signal: AbortSignal },
): Promise<Summary> {
  await writeJson(join(folder, 'config.json'), facts);
  const log = openRunLog(folder, { warn: reporter.note });
  const shown = reporter.run(plan);
  try {
    const outcome = await runTraining(
      plan,
      data,
      start,
      {
        onStep(record) {
          shown.onStep(record);
          log.write(record);
        },
        onEvaluation(record, seconds) {
          shown.onEvaluation(record, seconds);
          log.write(record);
        },
      },
      signal,
    );
    const summary = summarize(plan, outcome);
    await saveWeights(folder, outcome, facts, summary);
    dispose(outcome.params, outcome.state);
    await writeJson(join(folder, 'summary.json'), summary);
    return summary;
  } finally {
    shown.stop();
    log.close();
  }
}

/** What the process ends with, once everything is saved. */
function codeOf(interrupt: Interrupt): number {
  const signal = interrupt.received();
  if (signal === undefined) return exitCode.ok;
  return signal === 'SIGINT' ? exitCode.interrupted : exitCode.terminated;
}

async function trainAll(asked: Options, reporter: Reporter, signal: AbortSignal): Promise<void> {
  // A folder that is taken is refused before a download; one that nobody named is called after the images that were found.
  if (asked.out !== undefined) await chooseRunFolder(asked);
  const data = await loadData(asked, reporter.note, signal);
  const options = { ...asked, dataset: data.dataset.name };
  const folder = await chooseRunFolder(options);
  const plans = makePlans(options, data);
  const device = await chooseDevice(options.backend);
  const network = makeNetwork(options, data.dataset);
  const initial = network.init(keysOf(options.seed).weights, data.dataset.shape);
  try {
    const summaries: Summary[] = [];
    for (const [i, plan] of plans.entries()) {
      if (signal.aborted) break;
      const { transformation, text } = makeOptimizer(plan.options, plan.steps);
      const facts = await gather(plan, data, {
        parameters: size(initial.params),
        device,
        chain: text,
        gradientCost: transformation.gradientCost,
      });
      if (i === 0) reporter.begin(facts, folder);
      const place = i === 0 ? folder : join(folder, 'sgd');
      summaries.push(await trainOne(plan, data, { network, ...initial }, { facts, folder: place, reporter, signal }));
    }
    if (signal.aborted) reporter.note(`Stopped; what there is was saved in ${shownPath(folder)}.`);
    reporter.end(summaries, folder);
  } finally {
    dispose(initial);
  }
}

/** Runs `steppe train`. */
export async function trainCommand(options: Options): Promise<number> {
  const reporter = options.json
    ? jsonReporter(
        (line) => process.stdout.write(line),
        (text) => process.stderr.write(`${text}\n`),
      )
    : humanReporter(process.stdout);
  const interrupt = onInterrupt((name) =>
    reporter.note(
      `${name === 'SIGINT' ? 'Ctrl-C' : name}: finishing the step under way, then saving. Once more ends at once.`,
    ),
  );
  try {
    await trainAll(options, reporter, interrupt.signal);
  } catch (error) {
    if (interrupt.signal.aborted && error === interrupt.signal.reason)
      reporter.note('Stopped before the first step: there is nothing to save.');
    else throw error;
  } finally {
    interrupt.release();
  }
  return codeOf(interrupt);
}
