import type { Call, Recording } from '../recording.ts';
import { effectsOf, meets } from './effects.ts';

/**
 * Leaves out the calls whose results nobody reads, such as the running statistics of SAM's second pass.
 *
 * @param kept - The buffers that are given back.
 * @param isMade - Whether callbacks are made whose results nobody reads.
 */
export function withoutDeadResults({ calls, buffers }: Recording, kept: readonly number[], isMade = true): Recording {
  const needed = new Set(kept);
  const isLive = (call: Call): boolean => {
    const { writes, reads, isKnown } = effectsOf(call, buffers);
    const live = (!isKnown && (isMade || !call.callback)) || meets(writes, needed);
    // What it writes only in part is needed of those before it, too.
    if (live) for (const touched of [writes, reads]) for (const buffer of touched) needed.add(buffer);
    return live;
  };
  // From the end: what a call reads was written before it.
  const live = calls.toReversed().filter(isLive);
  return { calls: live.reverse(), buffers };
}
