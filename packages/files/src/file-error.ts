/**
 * What went wrong, without the paths that Node puts into every message of the file system: `ENOSPC: no space left on
 * device`.
 */
export const reasonOf = (cause: unknown): string =>
  printable(cause instanceof Error ? cause.message.replace(/, [a-z]+( '.*)?$/s, '') : String(cause));

/**
 * Makes a text safe to print: control characters, which can move a terminal's cursor or hide text, are written out.
 *
 * @example
 * ```ts
 * import { printable } from '@steppe/files';
 *
 * console.log(printable('run\u001b[2J')); // => run\u001b[2J
 * ```
 */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, written);

const written = (control: string): string => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Says in one line what could not be done with which file, and why. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly path: string;
  /** The system's name of the reason, `'ENOSPC'` or `'EACCES'`; `undefined` where the reason is ours. */
  readonly code: string | undefined;

  constructor(path: string, what: string, cause?: unknown) {
    super(`${printable(path)} ${what}`, { cause });
    this.path = path;
    this.code = codeOf(cause);
  }
}

/** The system's name of a reason: `'ENOENT'`. */
export const codeOf = (cause: unknown): string | undefined =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
