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
  const placed: { readonly piece: Lifetime; readonly from: number; readonly to: number }[] = [];
  let bytes = 0;
  for (const index of order) {
    const piece = pieces[index] as Lifetime;
    const size = Math.ceil(piece.bytes / alignment) * alignment;
    let from = 0;
    for (const other of placed) {
      if (other.piece.last < piece.first || other.piece.first > piece.last) continue;
      if (other.from >= from + size) break;
      from = Math.max(from, other.to);
    }
    const before = placed.findIndex((other) => other.from > from);
    placed.splice(before < 0 ? placed.length : before, 0, { piece, from, to: from + size });
    offsets[index] = from;
    bytes = Math.max(bytes, from + size);
  }
  return { offsets, bytes };
}

const bytesOf = (piece: Lifetime | undefined): number => piece?.bytes ?? 0;
