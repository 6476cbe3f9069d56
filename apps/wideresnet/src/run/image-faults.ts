import { codeOf, FileError } from '@steppe/files';
import { CommandError, exitCode } from '../commands/exit-codes.ts';

/** Names a fault of an image that was met while images are read: bad data, not a disk that refuses. */
export const namedFault = (error: unknown): unknown =>
  error instanceof FileError && codeOf(error) === undefined
    ? new CommandError(error.message, exitCode.data, { cause: error })
    : error;

/** Batches whose faults are named. */
export async function* withNamedFaults<Batch>(batches: AsyncIterable<Batch>): AsyncGenerator<Batch, void, undefined> {
  try {
    yield* batches;
  } catch (error) {
    throw namedFault(error);
  }
}
