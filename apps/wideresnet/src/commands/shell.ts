/** A word as a shell reads it back: in quotes where it holds more than letters, digits and signs without meaning. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

const control = /\p{Cc}/gu;

/** A path as a word of a command that people copy: on one line, and no option where it begins with a dash. */
export function pathWord(path: string): string {
  const safe = path.startsWith('-') ? `./${path}` : path;
  if (!control.test(safe)) return quoted(safe);
  const escaped = safe
    .replace(/[\\']/g, '\\$&')
    .replace(control, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `$'${escaped}'`;
}
