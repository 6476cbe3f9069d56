import { join } from 'node:path';
import { gradientsOver, textOf } from '@steppe/transforms';
import { dispose, size } from '@steppe/tree';
import type { Resolved } from '../options/resolve.ts';
import { remarksOn } from '../report/evidence.ts';
import { openReporter } from '../report/open.ts';
import type { Reporter } from '../report/reporter.ts';
import { checkData, loadData } from '../run/data.ts';
import { chooseDevice } from '../run/device.ts';
import { estimateAll } from '../run/dry-run.ts';
import { gather } from '../run/facts.ts';
import { checkFit } from '../run/fit.ts';
import { type Interrupt, onInterrupt } from '../run/interrupt.ts';
import { keysOf } from '../run/keys.ts';
import { withLabelNoise } from '../run/label-noise.ts';
import { checkTraining, lessMemory } from '../run/memory.ts';
import { makeNetwork } from '../run/network.ts';
import { type Trained, trainOne } from '../run/one-run.ts';
import { makeOptimizer } from '../run/optimizer.ts';
import { namedIfOutOfMemory } from '../run/out-of-memory.ts';
import { withLossCheck, withOverfit } from '../run/overfit.ts';
import { makePlans } from '../run/plan.ts';
import { profileRun } from '../run/profile.ts';
import { lengthOf, settleRadius, warnOfRadius } from '../run/radius.ts';
import { writeReport } from '../run/report-files.ts';
import { chooseRunFolder, shownPath } from '../run/run-folder.ts';
import { elsewhere, saveSomewhere } from '../run/save.ts';
import { withValidation } from '../run/validation.ts';
import { exitCode } from './exit-codes.ts';

/** What the process ends with, once everything is saved. */
function codeOf(interrupt: Interrupt): number {
  const signal = interrupt.received();
  if (signal === undefined) return exitCode.ok;
  if (signal === 'SIGHUP') return exitCode.hungUp;
  return signal === 'SIGINT' ? exitCode.interrupted : exitCode.terminated;
}

async function trainAll(resolved: Resolved, reporter: Reporter, signal: AbortSignal): Promise<void> {
  for (const note of resolved.notes) reporter.note(`note: ${note}`);
  // A folder that is taken is refused before a download; one that nobody named is called after the images that were
  // found.
  if (resolved.options.out !== undefined) await chooseRunFolder(resolved.options);
  const clean = await loadData(resolved.options, reporter.note, signal);
  checkData(resolved, clean);
  const { options: asked } = resolved;
  const data = withOverfit(asked, withLabelNoise(asked, withValidation(asked, clean)));
  const folder = await chooseRunFolder({ ...resolved.options, dataset: data.dataset.name });
  const second = await elsewhere(folder);
  // What cannot be planned is refused before a device is started.
  const [{ steps }] = makePlans(resolved.options, data);
  checkTraining(resolved.options, data);
  const device = await chooseDevice(resolved.options.backend);
  checkTraining(resolved.options, data, device.name);
  const network = makeNetwork(resolved.options, data.dataset);
  const initial = network.init(keysOf(resolved.options.seed).weights, data.dataset.shape);
  try {
    checkFit(resolved.options, steps, initial, data.dataset.shape);
    const parameters = size(initial.params);
    const { options, notes } = settleRadius(resolved, parameters);
    const warnings = warnOfRadius(options, parameters, await lengthOf(initial.params));
    const radius = options.compare === 'none' ? undefined : { rho: options.rho, p: options.p };
    const start = { network, ...initial, radius };
    const plans = makePlans(options, data);
    const trained: Trained[] = [];
    for (const [i, plan] of plans.entries()) {
      if (signal.aborted) break;
      const optimizer = makeOptimizer(plan.options, plan.steps);
      const gradientEvaluations = gradientsOver(optimizer, plan.steps);
      const facts = await gather(plan, data, { parameters, device, chain: textOf(optimizer), gradientEvaluations });
      if (i === 0) reporter.begin(facts, folder, [...notes, ...warnings]);
      if (options['dry-run']) return reporter.estimate(await estimateAll(plans, data, start), device.name);
      const place = join(folder, plan.folder);
      const spare = second && join(second, plan.folder);
      const setting = { facts, folder: place, reporter, signal, second: spare };
      trained.push(await trainOne(plan, data, start, setting));
    }
    const [first] = trained;
    // Without a run that began nothing was saved: only the signal leaves none.
    if (first === undefined) return signal.throwIfAborted();
    const { folder: saved } = first;
    if (signal.aborted) reporter.note(`Stopped; what there is was saved in ${shownPath(saved)}.`);
    await saveSomewhere(saved, (place) => writeReport(place, options, trained), { note: reporter.note, second });
    reporter.end(
      trained.map(({ summary }) => summary),
      saved,
      remarksOn(options),
    );
    const [plan] = plans;
    if (options.profile && plan !== undefined && !signal.aborted)
      await profileRun(plan, data, start, { folder: saved, note: reporter.note });
  } finally {
    dispose(initial);
  }
}

/** Runs `steppe train`. */
export async function trainCommand(resolved: Resolved): Promise<number> {
  const reporter = withLossCheck(openReporter(resolved.options), resolved.options.overfit);
  const interrupt = onInterrupt((name) =>
    reporter.note(
      `${name === 'SIGINT' ? 'Ctrl-C' : name}: finishing the step under way, then saving. Once more ends at once.`,
    ),
  );
  try {
    await trainAll(resolved, reporter, interrupt.signal);
  } catch (error) {
    if (interrupt.signal.aborted && error === interrupt.signal.reason)
      reporter.note('Stopped before the first step: there is nothing to save.');
    else throw namedIfOutOfMemory(error, lessMemory(resolved.options));
  } finally {
    interrupt.release();
  }
  return codeOf(interrupt);
}
