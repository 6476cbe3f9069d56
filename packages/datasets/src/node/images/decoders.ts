import { availableParallelism } from 'node:os';
import { type Rule, refusal } from '@steppe/check';

/** How many images libuv, which runs the decoders of all threads, decodes at a time. */
const decoders = (): number => Number(process.env.UV_THREADPOOL_SIZE ?? 4) || 4;

/** As many threads as there are cores and decoders. */
export const defaultWorkers = (): number => Math.min(availableParallelism(), decoders());

const workersRule: Rule = ['a whole number from 0 to 64', (n) => Number.isInteger(n) && n >= 0 && n <= 64];

/** Refuses a number of threads that could not all work. */
export function checkWorkers(name: string, workers: unknown): void {
  const [words, holds] = workersRule;
  if (typeof workers !== 'number' || !holds(workers)) throw refusal(name, words, workers);
  if (workers > decoders())
    throw refusal(
      name,
      `at most ${decoders()}, the decoders of this process`,
      workers,
      `start it with UV_THREADPOOL_SIZE=${workers}`,
    );
}
