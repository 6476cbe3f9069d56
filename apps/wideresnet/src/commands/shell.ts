/** A word as a shell reads it back: in quotes where it holds more than letters, digits and signs without meaning. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** A path as a word of a command that people copy: on one line, and no option where it begins with a dash. */
export function pathWord(path: string): string {
  const safe = path.startsWith('-') ? `./${path}` : path;
  if (!/\p{Cc}/u.test(safe)) return quoted(safe);
  const written = (control: string): string => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `$'${safe.replace(/[\\']/g, '\\$&').replace(/\p{Cc}/gu, written)}'`;
}
