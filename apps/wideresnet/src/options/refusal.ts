import { CommandError } from '../commands/exit-codes.ts';

/** A value as one would write it, short enough for one line; a number as it was typed. */
export function shown(value: unknown, typed?: string): string {
  const text = typeof value === 'number' ? (typed ?? String(value)) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Whether a number is finite here, and none or no count on a device, which people would not see from the words alone. */
const isTooLarge = (value: unknown): boolean =>
  typeof value === 'number' && value >= 2 ** 31 && value < Number.POSITIVE_INFINITY;

/** The one sentence for a value that is not allowed. */
export const refusal = (name: string, expects: string, value: unknown, typed?: string): CommandError =>
  new CommandError(`${name} must be ${expects}, got ${shown(value, typed)}${isTooLarge(value) ? ': too large' : ''}.`);
