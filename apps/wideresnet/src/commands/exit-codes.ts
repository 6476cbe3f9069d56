import { FileError } from '@steppe/files';
import { paragraph } from '../report/layout.ts';

/** What the process ends with, after sysexits.h where it has a code, and what that means. */
const codes = {
  ok: [0, 'done'],
  usage: [64, 'a wrong word, or a path where there is nothing'],
  data: [65, 'bad data or a loss that is not finite'],
  unavailable: [69, 'no device works, or its memory is used up'],
  internal: [70, 'internal error'],
  peerLost: [71, 'a rank of steppe launch was lost or stuck'],
  io: [74, 'files or the output cannot be read or written'],
  /** The machine wants the process gone, not the user. */
  terminated: [75, 'ended by SIGTERM or SIGUSR1 (a training run goes on by --resume)'],
  /** As the system itself counts signals: 128 and the number. */
  hungUp: [129, 'ended by SIGHUP'],
  interrupted: [130, 'ended by Ctrl-C'],
} as const;

/** What the process ends with, by name. */
export const exitCode = Object.fromEntries(Object.entries(codes).map(([name, [code]]) => [name, code])) as {
  readonly [Name in keyof typeof codes]: (typeof codes)[Name][0];
};

/** The exit codes in words, for help and the README. */
const exitCodeText = `Exit codes: ${Object.values(codes)
  .map(([code, about]) => `${code} ${about}`)
  .join(', ')}.`;

/** The exit codes in lines. */
export const exitCodes = (width: number): string => paragraph(exitCodeText, width);

/** An error that the user can do something about: its message is the whole output, on one line, without a stack. */
export class CommandError extends Error {
  readonly code: number;

  constructor(message: string, code: number = exitCode.usage, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
    this.code = code;
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && 'syscall' in error;

/** Finds the exit code and the text for whatever was thrown: only a defect of ours is worth a stack. */
export function explain(error: unknown): { readonly code: number; readonly text: string } {
  if (error instanceof CommandError) return { code: error.code, text: error.message };
  if (isSystemError(error) && error.syscall === 'uv_cwd')
    return { code: exitCode.io, text: 'The folder that you are in is gone: change to one that is there (cd).' };
  if (error instanceof FileError || isSystemError(error)) return { code: exitCode.io, text: error.message };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: exitCode.internal, text: `internal error, please report it: ${text}` };
}
