import { printable } from '@steppe/files';

/** Refuses an environment variable that the user set wrongly: no other device may quietly be taken instead. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  /** The variable. */
  readonly variable: string;

  constructor(variable: string, rest: string, options?: ErrorOptions) {
    super(`${variable} ${rest}`, options);
    this.variable = variable;
  }
}

/** Reads a variable that is a whole number of at least `least`; `undefined` where it is not set. */
export function wholeNumber(name: string, asked: string | undefined, least: number): number | undefined {
  if (asked === undefined || asked === '') return undefined;
  const number = /^\d+$/.test(asked) ? Number(asked) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < least)
    throw new SettingError(name, `must be a whole number of at least ${least}, got ${printable(asked)}.`);
  return number;
}
