import { shown } from './shown.ts';

/**
 * Makes the error that refuses an argument: what is wrong, what was got, what to do.
 *
 * @param name - What the message calls the argument.
 * @param must - The words that follow "must be".
 * @param hint - What to do about it, where the words do not say.
 *
 * @example
 * ```ts
 * import { refusal } from '@steppe/check';
 *
 * console.log(refusal('p', 'at least 1', 0.5).message); // => p must be at least 1, got 0.5.
 * console.log(refusal('link', 'a link', [], 'write chain(...links)').message); // => link must be a link, got a list of 0: write chain(...links).
 * ```
 */
export const refusal = (name: string, must: string, got: unknown, hint?: string): Error =>
  new Error(`${name} must be ${must}, got ${shown(got)}${hint ? `: ${hint}` : ''}.`);
