import { CommandError, exitCode } from '../commands/exit-codes.ts';

/** Names the end of a run whose step is not finite, however often it is made; any other error stays as it is. */
export function namedIfNotFinite(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'NonFiniteError') return error;
  return new CommandError(error.message, exitCode.data, { cause: error });
}
