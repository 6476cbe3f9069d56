import { CommandError } from '../commands/exit-codes.ts';
import { shownPath } from '../run/run-folder.ts';
import { otherSteps, weightsAt } from './candidates.ts';
import type { StepWeights, Subject } from './subject.ts';

/** Gives the weights that the run is about, or those of a checkpoint, which are the caller's. */
export const weightsOfStep = async (subject: Subject, step: number | undefined): Promise<StepWeights> =>
  step === undefined || step === subject.end.step ? subject.end : { ...(await weightsAt(subject, step)), step };

/** Refuses a step that the run has no weights of. */
export async function checkStep(subject: Subject, step: number | undefined): Promise<void> {
  const { end, folder } = subject;
  if (step === undefined || step === end.step) return;
  const steps = (await otherSteps(subject)).toReversed();
  if (steps.includes(step)) return;
  const known = [...steps, ...(end.step === undefined ? [] : [end.step])].join(', ');
  throw new CommandError(
    `--step must be one of ${known}, of which ${shownPath(folder)} has weights, got ${step}: steppe train --keep-checkpoints leaves more.`,
  );
}
