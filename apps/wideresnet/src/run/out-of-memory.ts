import { CommandError, exitCode } from '../commands/exit-codes.ts';

/** How Node, WebAssembly, WebGPU, TensorFlow and our own engine say that memory is used up. */
const saysSo =
  /out of memory|allocation fail|failed to allocate|cannot allocate|cannot enlarge memory|invalid (typed )?array (buffer )?length|\bOOM\b|resource ?exhausted|ENOMEM/i;

/** Whether an error, or one behind it, is that memory was used up. */
export function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return saysSo.test(`${error.name} ${error.message}`) || isOutOfMemory(error.cause);
}

/** Names an error that memory was used up, with what to lower; any other stays as it is. */
export function namedIfOutOfMemory(error: unknown, remedy: string): unknown {
  if (error instanceof CommandError || !isOutOfMemory(error)) return error;
  const [reason] = (error as Error).message.split('\n');
  return new CommandError(`Out of memory (${reason}): lower ${remedy}.`, exitCode.unavailable, { cause: error });
}
