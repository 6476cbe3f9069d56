import { existsSync } from 'node:fs';
import { makeFolder } from '@steppe/files';
import { exitCode } from '../../commands/exit-codes.ts';
import { duration } from '../../report/format.ts';
import { type Ending, runChild, type Watch } from '../child.ts';
import { judgedBy, readOutcome } from '../outcome.ts';
import { checkProgram } from '../program.ts';
import { fixedOf, type Sweep } from '../sweep.ts';
import { optionWords, trainWords, trialFolder } from '../trial.ts';
import { untilFree } from '../until-free.ts';
import { type Asked, openStudy, optuna } from './optuna-study.ts';

/** Endings that come again however often a trial goes on: a wrong option, a loss that is not finite. */
const final: ReadonlySet<number | null> = new Set([exitCode.ok, exitCode.usage, exitCode.data]);

const reasonOf = ({ code, signal }: Ending): string => (signal === null ? `exit code ${code}` : `${signal}`);

/** Runs a trial until it is complete, has failed for good or too often, or all is to stop. */
async function runTrial(sweep: Sweep, { number, params }: Asked, slot: number, { say, stop }: Watch): Promise<Ending> {
  const { command, folder, spec } = sweep;
  const place = trialFolder(folder, number);
  const device = spec.devices?.[slot];
  const env = device === undefined ? process.env : { ...process.env, CUDA_VISIBLE_DEVICES: String(device) };
  const words = [...command, ...trainWords({ ...fixedOf(spec), ...params }, place)];
  let ending: Ending = { code: null, signal: null };
  await untilFree(place, { say, stop });
  for (let again = 0; again <= spec.retries && !stop.aborted; again += 1) {
    ending = await runChild(words, { log: `${place}.log`, env, stop });
    if (final.has(ending.code) || stop.aborted) break;
    if (again < spec.retries) say(`trial ${number} ended by ${reasonOf(ending)}: it goes on.`);
  }
  return ending;
}

/**
 * Runs a sweep by Optuna's `ask` and `tell`: each slot asks for a trial, trains it and tells its value.
 *
 * A trial that this sweep began and did not end, since it was stopped or killed, comes first; its folder marks it as
 * ours where several machines share a study.
 *
 * @returns The exit code: 0, or that of the first trial that failed.
 */
export async function runOptuna(sweep: Sweep, { say, stop }: Watch): Promise<number> {
  checkProgram(optuna);
  const { folder, trials, jobs, spec } = sweep;
  const study = await openStudy(sweep);
  const before = await study.trials();
  const ours = ({ number }: Asked): boolean => existsSync(trialFolder(folder, number));
  const pending: Asked[] = before.filter((trial) => trial.state === 'RUNNING' && ours(trial));
  let left = trials - before.length;
  let failure: number = exitCode.ok;

  const ask = async (): Promise<Asked | undefined> => {
    if (left <= 0) return undefined;
    left -= 1;
    const trial = await study.ask();
    makeFolder(trialFolder(folder, trial.number));
    return trial;
  };
  const slot = async (index: number): Promise<void> => {
    while (!stop.aborted) {
      const trial = pending.shift() ?? (await ask());
      if (trial === undefined) return;
      const ending = await runTrial(sweep, trial, index, { say, stop });
      const outcome = await readOutcome(trialFolder(folder, trial.number));
      const value = judgedBy(outcome, spec.metric);
      // It goes on at the next start.
      if (stop.aborted && value === undefined) return;
      await study.tell(trial.number, value);
      const title = `trial ${trial.number}: ${optionWords(trial.params).join(' ')}`;
      if (value === undefined) failure ||= ending.code ?? exitCode.terminated;
      say(
        value === undefined
          ? `${title}: failed (${reasonOf(ending)}), see ${trialFolder(folder, trial.number)}.log`
          : `${title}: ${spec.metric}=${value} (${duration(Number(outcome.values.seconds))})`,
      );
    }
  };
  const begun = pending.length === 0 ? '' : `, ${pending.length} of which go on`;
  say(`Optuna: ${Math.max(0, left) + pending.length} of ${trials} trials to run${begun}, ${jobs} at a time.`);
  await Promise.all(Array.from({ length: jobs }, (_, index) => slot(index)));
  return failure;
}
