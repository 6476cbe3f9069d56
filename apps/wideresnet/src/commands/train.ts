import { join, resolve } from 'node:path';
import type { World } from '@steppe/distributed';
import { gradientsOver, textOf } from '@steppe/transforms';
import { dispose, size } from '@steppe/tree';
import { codeLine, readyLine } from '../launch/lines.ts';
import { isLaunched, tellLauncher, watchLauncher } from '../launch/tell-launcher.ts';
import type { Resolved } from '../options/resolve.ts';
import { remarksOn } from '../report/evidence.ts';
import { openReporter } from '../report/open.ts';
import { checkData, loadData } from '../run/data.ts';
import { chooseDevice, type Device } from '../run/device.ts';
import { estimateAll } from '../run/dry-run.ts';
import { type Facts, gather } from '../run/facts.ts';
import { checkFit } from '../run/fit.ts';
import { checkFrozen, remarksOnFrozen, trainedLeaves } from '../run/frozen.ts';
import { codeOf, type Interrupt, onInterrupt } from '../run/interrupt.ts';
import { keysOf } from '../run/keys.ts';
import { withLabelNoise } from '../run/label-noise.ts';
import { checkTraining, lessMemory } from '../run/memory.ts';
import { drawWeights, makeNetwork, sizeOf } from '../run/network.ts';
import { type Setting, type Trained, trainOne } from '../run/one-run.ts';
import { makeOptimizer } from '../run/optimizer.ts';
import { namedIfOutOfMemory } from '../run/out-of-memory.ts';
import { withLossCheck, withOverfit } from '../run/overfit.ts';
import { makePlans, type Plan } from '../run/plan.ts';
import { pretrainedFile, remarksOnPretrained, withPretrained } from '../run/pretrained.ts';
import { profileRun } from '../run/profile.ts';
import { lengthOf, settleRadius, warnOfRadius } from '../run/radius.ts';
import { type RelabelledData, relabellingFile, withRelabels } from '../run/relabel.ts';
import { writeReport } from '../run/report-files.ts';
import { withRunLock } from '../run/resume/run-lock.ts';
import { chooseRunFolder, shownPath } from '../run/run-folder.ts';
import { elsewhere, saveSomewhere } from '../run/save.ts';
import { tracedSize } from '../run/traced-size.ts';
import type { Start } from '../run/training.ts';
import { withValidation } from '../run/validation.ts';
import { checkTogether } from '../workers/alike.ts';
import { alone, isFirst } from '../workers/alone.ts';
import { joinWorkers, type Workers } from '../workers/join.ts';
import { type Voice, voiceOf } from '../workers/others-reporter.ts';
import { resettleWorkers } from '../workers/resettle.ts';
import { settleWorkers } from '../workers/settle.ts';
import { stopTogether } from '../workers/stop.ts';
import { synchronized } from '../workers/synchronized.ts';
import { settleTerminal } from '../workers/terminal.ts';
import { trainBeside } from '../workers/train-beside.ts';
import { CommandError } from './exit-codes.ts';
import { pathWord } from './shell.ts';

/** What all runs of a command share. */
type Common = Pick<Setting, 'folder' | 'resumes' | 'reporter' | 'stop' | 'second'> & {
  readonly start: Start;
  readonly device: Device;
  /** What is worth a line before the first run. */
  readonly remarks: readonly string[];
};

/** All that is known of a run before its first step. */
function factsOf(
  plan: Plan,
  data: RelabelledData,
  { params, pretrained, workers = alone }: Pick<Start, 'params' | 'pretrained' | 'workers'>,
  device: Device,
): Promise<Facts> {
  const optimizer = makeOptimizer(plan.options, plan.steps, undefined, workers);
  const gradientEvaluations = gradientsOver(optimizer, plan.steps);
  const parameters = size(params);
  const { size: ranks } = workers;
  return gather(plan, data, { parameters, pretrained, device, ranks, chain: textOf(optimizer), gradientEvaluations });
}

/** Refuses a device that gives values later only, of which ranks cannot take a mean at once. */
function checkDevice({ name }: Device, { size }: Pick<World, 'size'>): void {
  if (size > 1 && name === 'webgpu')
    throw new CommandError(
      `--backend webgpu trains on one process only, got ${size} ranks: say --backend native, or --backend cuda.`,
    );
}

/** Trains what the command asks for in a folder, or what is left of it, and leaves the report. */
async function trainPlans(
  plans: readonly Plan[],
  data: RelabelledData,
  { start, device, remarks, ...setting }: Common,
): Promise<void> {
  const { folder, second, reporter, stop } = setting;
  const { workers = alone } = start;
  const { signal } = stop;
  const trained: Trained[] = [];
  for (const [i, plan] of plans.entries()) {
    if (signal.aborted) break;
    const facts = await factsOf(plan, data, start, device);
    if (!isFirst(workers)) {
      await trainBeside(plan, data, start, stop);
      continue;
    }
    if (i === 0) reporter.begin(facts, folder, remarks);
    const place = { folder: join(folder, plan.folder), second: second && join(second, plan.folder) };
    trained.push(await trainOne(plan, data, start, { ...setting, ...place, facts }));
  }
  const [first] = trained;
  const [plan] = plans as readonly [Plan];
  const { options } = plan;
  if (first === undefined) return;
  const { folder: saved } = first;
  if (signal.aborted)
    reporter.note(
      `Stopped; what there is was saved in ${shownPath(saved)}. To go on: --resume ${pathWord(shownPath(saved))}.`,
    );
  else if (trained.every(({ isOld }) => isOld))
    reporter.note(`The run in ${shownPath(saved)} is complete; more --epochs or --steps make it longer.`);
  await saveSomewhere(saved, (place) => writeReport(place, options, trained), {
    note: reporter.note,
    second,
    afterwards: () => ` All but its page is saved: --resume ${pathWord(shownPath(folder))} then writes that, too.`,
  });
  reporter.end(
    trained.map(({ summary }) => summary),
    saved,
    remarksOn(options),
  );
  if (options.profile && !signal.aborted) await profileRun(plan, data, start, { folder: saved, note: reporter.note });
}

/** What a command begins with. */
type Beginning = {
  readonly resumes: boolean;
  readonly voice: Voice;
  readonly interrupt: Interrupt;
  readonly joined: Workers;
};

/** Trains all that is asked for. @returns What the process ends with. */
async function trainAll(resolved: Resolved, { resumes, voice, interrupt, joined }: Beginning): Promise<number> {
  const { reporter } = voice;
  const { signal } = interrupt;
  const { early } = joined;
  const { note } = reporter;
  if (resolved.imagesOf !== undefined && !resumes)
    throw new CommandError(
      `The preset ${resolved.imagesOf} is for images of yours: name their folder (steppe train ./my-photos), or a dataset.`,
    );
  if (resolved.runOf !== undefined && !resumes)
    throw new CommandError(
      `The preset ${resolved.runOf[0]} learns the labels that a run predicts: train --preset ${resolved.runOf[1]}, then name its folder by --relabel.`,
    );
  for (const line of resolved.notes) note(`note: ${line}`);
  const { out } = resolved.options;
  // A folder that is taken is refused before a download; one that nobody named is called after the images that were
  // found.
  if (out !== undefined && !resumes && isFirst(early)) await chooseRunFolder(resolved.options);
  const { relabel } = resolved.options;
  if (relabel !== undefined) await relabellingFile(relabel);
  if (resolved.options.pretrained !== undefined) await pretrainedFile(resolved.options.pretrained);
  const clean = await loadData(resolved.options, note, signal);
  checkData(resolved, clean);
  const { options: asked } = resolved;
  const labelled = withOverfit(asked, withLabelNoise(asked, withValidation(asked, clean)));
  const folder =
    out !== undefined && (resumes || !isFirst(early))
      ? resolve(out)
      : await chooseRunFolder({ ...asked, dataset: labelled.dataset.name });
  const second = isFirst(early) ? await elsewhere(folder) : undefined;
  // What cannot be planned is refused before a device is started.
  const [{ steps }] = makePlans(resolved.options, labelled);
  checkTraining(resolved.options, labelled);
  const device = await chooseDevice(resolved.options.backend, resolved.options.precision).catch((error: unknown) => {
    // Ctrl-C in a terminal ends a compiler at work, too, which is no fault of the compiler.
    signal.throwIfAborted();
    throw error;
  });
  checkDevice(device, early);
  const data = await withRelabels(asked, labelled);
  checkTraining(resolved.options, data, device.name);
  const network = makeNetwork(resolved.options, data.dataset);
  const fresh = drawWeights(network, resolved.options, data.dataset, keysOf(resolved.options.seed).weights);
  const { weights: initial, pretrained } = await withPretrained(resolved.options, data.dataset, fresh);
  try {
    checkFrozen(resolved.options.freeze, initial.params);
    if (sizeOf(resolved.options, data.dataset) === undefined)
      checkTraining(resolved.options, data, device.name, await tracedSize(network, initial, data.dataset.shape));
    checkFit(resolved.options, steps, initial, data.dataset.shape);
    const trained = trainedLeaves(resolved.options.freeze, initial.params);
    const parameters = size(trained);
    const { options, notes } = settleRadius(resolved, parameters);
    const warnings = warnOfRadius(options, parameters, await lengthOf(trained));
    const radius = options.compare === 'none' ? undefined : { rho: options.rho, p: options.p };
    const start: Start = { network, ...initial, radius, pretrained, workers: early };
    const plans = makePlans(options, data);
    const remarks = [
      ...notes,
      ...warnings,
      ...remarksOnFrozen(options),
      ...remarksOnPretrained(pretrained, data.dataset.classes.length),
    ];
    if (options['dry-run']) {
      const [first] = plans as readonly [Plan];
      reporter.begin(await factsOf(first, data, start, device), folder, remarks);
      reporter.estimate(await estimateAll(plans, data, start), device.name);
      return codeOf(interrupt);
    }
    // Nothing is left where nothing began.
    signal.throwIfAborted();
    const [first] = plans;
    checkTogether(early, await factsOf(first, data, start, device), start);
    voice.gather(early);
    const workers = joined.begin();
    const stop = stopTogether(workers, interrupt);
    const together = { ...start, workers, network: synchronized(network, options, workers) };
    const common = { resumes, reporter, stop, folder, second, start: together, device, remarks };
    const work = () => trainPlans(plans, data, common);
    await (isFirst(workers) ? withRunLock(folder, work, note) : work());
    stop.look();
    // All is saved: an mpirun that was ended as well may leave the last call without an answer.
    if (isFirst(workers)) tellLauncher(codeLine(stop.code()));
    workers.finalize();
    return stop.code();
  } finally {
    dispose(initial);
  }
}

/** Runs `steppe train`, to begin a run or to go on with one. */
export async function trainCommand(resolved: Resolved, resumes = false): Promise<number> {
  const joined = joinWorkers(resolved.options);
  const { early } = joined;
  const settle = resumes ? resettleWorkers : settleWorkers;
  const options = await settle(resolved.options, early);
  if (early.size > 1 || isLaunched()) settleTerminal(process.stdout, process.env);
  const voice = voiceOf(early, () => withLossCheck(openReporter(options), options.overfit));
  const { note } = voice.reporter;
  const interrupt = onInterrupt((name) => {
    const called = name === 'SIGINT' ? 'Ctrl-C' : name;
    if (isFirst(early) && !isLaunched())
      note(`${called}: finishing the step under way, then saving. Once more ends at once.`);
  });
  early.barrier();
  if (isFirst(early)) {
    watchLauncher(process.stdin);
    tellLauncher(readyLine);
  }
  try {
    return await trainAll({ ...resolved, options }, { resumes, voice, interrupt, joined });
  } catch (error) {
    if (!interrupt.signal.aborted || error !== interrupt.signal.reason)
      throw namedIfOutOfMemory(error, lessMemory(options));
    if (isFirst(early)) note('Stopped before the first step: there is nothing to save.');
    return codeOf(interrupt);
  } finally {
    interrupt.release();
  }
}
