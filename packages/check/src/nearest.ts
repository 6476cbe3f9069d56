/** How many letters must be changed, put in or left out to turn one word into the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1)
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
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
export function nearest(word: string, words: readonly string[]): string | undefined {
  const [best] = words
    .map((candidate) => ({ candidate, errors: distance(word.slice(0, 40), candidate) }))
    .sort((a, b) => a.errors - b.errors);
  return best !== undefined && best.errors <= 2 && best.errors < best.candidate.length ? best.candidate : undefined;
}
