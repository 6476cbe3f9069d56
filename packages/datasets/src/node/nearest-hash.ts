/** A hash that is like another one: where it stands, and how many digits differ. */
export type NearHash = { readonly at: number; readonly distance: number };

/** How many digits differ; more than `most` is told as `most + 1`. */
function distance(a: string, b: string, most: number): number {
  let differing = 0;
  for (let i = 0; i < a.length && differing <= most; i += 1) if (a[i] !== b[i]) differing += 1;
  return differing;
}

/**
 * Prepares to find, among hashes of equal length, the one that is most like another hash: at most `most` digits differ,
 * and of several the first.
 *
 * Hashes that differ in at most m of their digits share one of m + 1 pieces: only those that share one are compared.
 */
export function nearestHash(
  hashes: readonly string[],
  most: number,
): (hash: string, before?: number) => NearHash | undefined {
  const pieces = Array.from({ length: most + 1 }, () => new Map<string, number[]>());
  const piece = (hash: string, i: number): string =>
    hash.slice(Math.floor((i * hash.length) / (most + 1)), Math.floor(((i + 1) * hash.length) / (most + 1)));
  const seen = new Set<string>();
  for (const [at, hash] of hashes.entries()) {
    // Of equal ones the first stands for all.
    if (seen.has(hash)) continue;
    seen.add(hash);
    for (const [i, places] of pieces.entries()) {
      const own = piece(hash, i);
      const known = places.get(own);
      if (known === undefined) places.set(own, [at]);
      else known.push(at);
    }
  }
  return (hash, before = hashes.length) => {
    let best: NearHash | undefined;
    for (const [i, places] of pieces.entries())
      for (const at of places.get(piece(hash, i)) ?? []) {
        if (at >= before) break;
        const apart = distance(hash, hashes[at] as string, best?.distance ?? most);
        if (apart > most || (best && (apart > best.distance || (apart === best.distance && at >= best.at)))) continue;
        best = { at, distance: apart };
      }
    return best;
  };
}
