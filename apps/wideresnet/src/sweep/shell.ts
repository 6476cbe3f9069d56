/** A word as a shell reads it back: in quotes where it holds more than letters, digits and signs without meaning. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
