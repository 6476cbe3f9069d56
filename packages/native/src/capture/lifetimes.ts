import type { Lifetime } from './plan.ts';
import type { Place, Recording } from './recording.ts';

/** The first and the last call that touches each buffer of a recording, through tables too; of one that none touches,
 * nothing. */
export function lifetimes({ calls, buffers }: Recording): ReadonlyMap<number, Lifetime> {
  const found = new Map<number, Lifetime>();
  const touch = (value: number | Place, call: number): void => {
    if (typeof value !== 'object') return;
    const buffer = buffers[value.buffer];
    if (buffer?.kind === 'table') for (const word of buffer.words) touch(word, call);
    const first = found.get(value.buffer)?.first ?? call;
    found.set(value.buffer, { bytes: buffer?.bytes ?? 0, first, last: call });
  };
  for (const [index, call] of calls.entries()) for (const argument of call.arguments) touch(argument, index);
  return found;
}
