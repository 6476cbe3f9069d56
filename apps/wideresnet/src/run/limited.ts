import { isIndexed, slice } from '@steppe/datasets';
import type { AnyImages } from './augmented.ts';

/**
 * Cuts images down to so many: the first ones, which are of all classes where they are in memory. Files are in the order
 * of their classes, so that some of each are taken.
 */
export function limited(split: AnyImages, limit: number): AnyImages {
  if (!isIndexed(split)) return slice(split, 0, limit);
  const { labels, places } = split;
  if (limit >= labels.length) return split;
  const chosen = Array.from({ length: limit }, (_, i) => Math.floor((i * labels.length) / limit));
  return {
    ...split,
    labels: Int32Array.from(chosen, (i) => labels[i] as number),
    places: Uint32Array.from(chosen, (i) => places[i] as number),
  };
}
