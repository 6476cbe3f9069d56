/** Whether at most so many letters must be changed, put in or left out to turn one word into the other
 * (Levenshtein). */
function within(errors: number, a: string, b: string): boolean {
  if (a === b) return true;
  const [restOfA, restOfB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return within(errors, restOfA, restOfB);
  const fewer = errors - 1;
  return errors > 0 && (within(fewer, restOfA, restOfB) || within(fewer, restOfA, b) || within(fewer, a, restOfB));
}

/**
 * Guesses which of some words was meant; undefined when none is near.
 *
 * @example
 * ```ts
 * import { nearest } from '@steppe/check';
 *
 * console.log(nearest('ordre', ['order', 'steps']), nearest('rho', ['order', 'steps'])); // => order undefined
 * ```
 */
export const nearest = (word: string, words: readonly string[]): string | undefined =>
  [0, 1, 2]
    .map((errors) =>
      words.find((candidate) => candidate.length > errors && within(errors, word.slice(0, 40), candidate)),
    )
    .find((found) => found !== undefined);
