/** What the process ends with, after sysexits.h where it has a code. */
export const exitCode = {
  ok: 0,
  usage: 64,
  data: 65,
  /** No device works. */
  unavailable: 69,
  internal: 70,
  io: 74,
  /** SIGTERM: the machine wants the process gone, not the user. */
  terminated: 75,
  interrupted: 130,
} as const;

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
  if (isSystemError(error)) return { code: exitCode.io, text: error.message };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: exitCode.internal, text: `internal error, please report it: ${text}` };
}
