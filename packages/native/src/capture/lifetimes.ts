import type { Lifetime } from './plan.ts';
import type { Place, Recording } from './recording.ts';

/** The first and the last call that touches each buffer of a recording, through tables too; of one that none touches,
 * nothing. */
export function lifetimes({ calls, buffers }: Recording): ReadonlyMap<number, Lifetime> {
  const found = new Map<number, { readonly bytes: number; readonly first: number; last: number }>();
  // This runs a few thousand times before V8 has compiled it: hence the plain loops.
  const touch = (value: number | Place, call: number): void => {
    if (typeof value !== 'object') return;
    const buffer = buffers[value.buffer];
    if (buffer?.kind === 'table')
      for (let word = 0; word < buffer.words.length; word++) touch(buffer.words[word] ?? 0, call);
    const known = found.get(value.buffer);
    if (known) known.last = call;
    else found.set(value.buffer, { bytes: buffer?.bytes ?? 0, first: call, last: call });
  };
  for (let at = 0; at < calls.length; at++)
    for (let i = 0, given = calls[at]?.arguments ?? []; i < given.length; i++) touch(given[i] ?? 0, at);
  return found;
}
