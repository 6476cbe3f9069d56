/** A piece of memory that is needed from one call to another, both included. */
export type Lifetime = { readonly bytes: number; readonly first: number; readonly last: number };

/** Where pieces of memory lie in one arena, and how large it is. */
export type Plan = { readonly offsets: readonly number[]; readonly bytes: number };

const alignment = 64;

/**
 * Packs pieces of memory into one arena: the largest first, each at the lowest place where nothing lies that is needed
 * at the same time.
 *
 * @see Pisarchyk, Lee, Efficient Memory Management for Deep Neural Net Inference (2020), greedy by size.
 */
export function plan(pieces: readonly Lifetime[]): Plan {
  const offsets = new Array<number>(pieces.length).fill(0);
  const order = pieces.map((_, i) => i).sort((a, b) => bytesOf(pieces[b]) - bytesOf(pieces[a]) || a - b);
  /** What has a place, by its offset. */
  const placed: { readonly first: number; readonly last: number; readonly from: number; readonly to: number }[] = [];
  let bytes = 0;
  // Some ten thousand times, before V8 has compiled it: hence the plain loop, which finds both places in one go.
  for (const index of order) {
    const { first, last, bytes: own } = pieces[index] as Lifetime;
    const size = Math.ceil(own / alignment) * alignment;
    let from = 0;
    let at = 0;
    for (; at < placed.length; at++) {
      const other = placed[at] as (typeof placed)[number];
      if (other.last < first || other.first > last) continue;
      if (other.from >= from + size) break;
      if (other.to > from) from = other.to;
    }
    // Back to those that lie above it and are needed at other times.
    while (at > 0 && (placed[at - 1]?.from ?? 0) > from) at--;
    placed.splice(at, 0, { first, last, from, to: from + size });
    offsets[index] = from;
    bytes = Math.max(bytes, from + size);
  }
  return { offsets, bytes };
}

const bytesOf = (piece: Lifetime | undefined): number => piece?.bytes ?? 0;
