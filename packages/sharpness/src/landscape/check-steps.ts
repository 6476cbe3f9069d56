import { checkNumber, finite, refusal } from '@steppe/check';

/** Refuses what is no list of numbers to go along a direction. */
export function checkSteps(name: string, steps: unknown): void {
  if (!Array.isArray(steps) || steps.length === 0)
    throw refusal(name, 'a list of numbers, as linspace gives it', steps);
  for (const [i, step] of steps.entries()) checkNumber(`${name}[${i}]`, step, finite);
}
