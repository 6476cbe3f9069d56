import { dispose } from '@steppe/tree';
import type { Data } from '../run/data.ts';
import type { Plan } from '../run/plan.ts';
import { type Observer, runTraining, type Start } from '../run/training.ts';
import { alone } from './alone.ts';
import { hearFound } from './resumption.ts';
import type { Stop } from './stop.ts';

/** What happens is told, and kept, by the first rank. */
const silent: Observer = { onStep() {}, onEvaluation() {}, onCheckpoint() {}, note() {} };

/** Trains one run beside the first rank, which leaves the files. */
export async function trainBeside(
  plan: Plan,
  data: Data,
  start: Start,
  stop: Pick<Stop, 'signal' | 'look'>,
): Promise<void> {
  const { isFinished, from } = await hearFound(start.workers ?? alone);
  try {
    if (isFinished) return;
    const { params, state, end } = await runTraining(plan, data, start, silent, stop, from);
    dispose(params, state, end);
  } finally {
    dispose(from?.position, from?.best);
  }
}
