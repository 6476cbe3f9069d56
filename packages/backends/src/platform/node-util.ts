/** What Node 23 removed from `node:util` and tfjs-node 4.22 still calls: in its backend and in `TopK`, nowhere else. */
const removed: Readonly<Record<string, (value: unknown) => boolean>> = {
  isArray: Array.isArray,
  isNullOrUndefined: (value) => value === null || value === undefined,
};

/**
 * Gives `node:util` back the functions that tfjs-node needs; those that are there stay.
 *
 * @see https://github.com/tensorflow/tfjs/issues/8609
 */
export function restoreRemovedUtil(util: Record<string, unknown>): void {
  for (const [name, check] of Object.entries(removed)) util[name] ??= check;
}
