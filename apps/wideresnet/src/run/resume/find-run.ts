import { FileError } from '@steppe/files';
import type { Checkpoints } from '@steppe/train/node';
import { dispose } from '@steppe/tree';
import { readRun } from '@steppe/watch';
import { CommandError, exitCode } from '../../commands/exit-codes.ts';
import type { Curve } from '../../report/curve.ts';
import type { Facts } from '../facts.ts';
import type { Plan } from '../plan.ts';
import type { AnyPosition, Progress, Resumption } from '../progress.ts';
import { shownPath } from '../run-folder.ts';
import type { Summary } from '../summary.ts';
import { type Changes, changesBetween } from './differences.ts';
import { configFile, readAbout, readCurve, readFacts, readSummary } from './saved.ts';

/** How far a run is that may have been begun before. */
export type Found =
  | { readonly kind: 'new' }
  /** It was begun and has no checkpoint yet, or none any more: the steps of its log are made again. */
  | { readonly kind: 'begun'; readonly logged: number; readonly changes: Changes }
  | {
      readonly kind: 'under way';
      readonly from: Resumption;
      readonly logBytes: number;
      readonly changes: Changes;
      readonly file: string;
    }
  | { readonly kind: 'finished'; readonly facts: Facts; readonly summary: Summary; readonly curve: Curve };

/** Refuses to make a run shorter than it is. */
function checkLength({ steps }: Plan, made: number): void {
  if (made <= steps) return;
  throw new CommandError(
    `The run has made ${made} steps: --steps or --epochs must give it as many, got ${steps} steps.`,
  );
}

/** Where the run stood at its best evaluation; undefined, which is told, where their checkpoint is damaged or gone. */
async function bestOf(
  checkpoints: Checkpoints,
  { selection }: Progress,
  note: (text: string) => void,
): Promise<AnyPosition | undefined> {
  const step = selection?.best?.step;
  if (step === undefined) return undefined;
  try {
    return (await checkpoints.at(step)).position;
  } catch (error) {
    note(
      `note: the best weights so far, of step ${step}, are lost; the best is chosen anew from here on. ${(error as Error).message}`,
    );
    return undefined;
  }
}

/** The newest checkpoint that is intact; those that were passed over are told. */
async function newest(checkpoints: Checkpoints, folder: string, note: (text: string) => void) {
  const found = await checkpoints.latest().catch((cause: unknown) => {
    if (cause instanceof FileError) throw cause;
    throw new CommandError(
      `${(cause as Error).message} The run cannot go on: begin it again by --config ${shownPath(folder)}/${configFile} in another --out.`,
      exitCode.data,
      { cause },
    );
  });
  for (const { file, why } of found?.skipped ?? []) note(`note: ${shownPath(file)} is passed over: ${why}`);
  return found;
}

/**
 * Finds out how far the run in a folder is.
 *
 * @param facts - What it shall go on with.
 * @returns With the tensors of the checkpoint, which are the caller's.
 * @throws When it is another run, or cannot go on.
 */
export async function findRun(
  folder: string,
  plan: Plan,
  facts: Facts,
  checkpoints: Checkpoints,
  note: (text: string) => void,
): Promise<Found> {
  const begun = await readFacts(folder);
  if (begun === undefined) return { kind: 'new' };
  const changes = changesBetween(`The run in ${shownPath(folder)}`, begun, facts, plan.options['change-ranks']);
  const summary = await readSummary(folder);
  if (summary !== undefined) checkLength(plan, summary.steps);
  if (summary?.status === 'complete' && begun.steps === facts.steps)
    return { kind: 'finished', facts: begun, summary, curve: await readCurve(folder, plan, note) };
  const found = await newest(checkpoints, folder, note);
  if (found === undefined && summary === undefined)
    return { kind: 'begun', logged: (await readRun(folder)).run.step, changes };
  if (found === undefined)
    throw new CommandError(
      `The run in ${shownPath(folder)} has made ${summary?.steps} steps, and its checkpoints are gone: it cannot go on.`,
      exitCode.data,
    );
  const { file, position } = found;
  try {
    const { facts: of, progress, logBytes } = readAbout(shownPath(file), found.about);
    const since = changesBetween(`The checkpoint ${shownPath(file)}`, of, facts, plan.options['change-ranks']);
    checkLength(plan, position.step);
    const best = await bestOf(checkpoints, progress, note);
    return { kind: 'under way', from: { position, progress, best }, logBytes, changes: since, file };
  } catch (error) {
    dispose(position);
    throw error;
  }
}
