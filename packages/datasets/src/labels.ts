import type { Rule } from '@steppe/check';

/** Class numbers, in the narrowest whole numbers that hold them: up to 256, 65,536 or 2³¹ classes. */
export type Labels = Uint8Array | Uint16Array | Int32Array;

/** A number of classes of which labels tell; those of most files are bytes. */
export const classesFrom = (least: number, most = 256): Rule => [
  `a whole number from ${least} to ${most}`,
  (n) => Number.isInteger(n) && n >= least && n <= most,
];

/** Class numbers below `classes`, in the narrowest array that holds them. */
export function labelsOf(classes: number, values: ArrayLike<number>): Labels {
  if (classes <= 256) return Uint8Array.from(values);
  return classes <= 65_536 ? Uint16Array.from(values) : Int32Array.from(values);
}

/** The labels at some places, copied into an array of the same kind. */
export function pickLabels(labels: Labels, places: ArrayLike<number>): Labels {
  const limit = { 1: 256, 2: 65_536 }[labels.BYTES_PER_ELEMENT] ?? 2 ** 31;
  return labelsOf(
    limit,
    Int32Array.from(places, (place) => labels[place] as number),
  );
}

/** A copy that shares no memory: not `slice`, which for a Buffer of Node would be the same. */
export const copyLabels = (labels: Labels): Labels =>
  labels.BYTES_PER_ELEMENT === 1 ? new Uint8Array(labels) : labels.slice();

/** Refuses labels that name no class: a damaged file would otherwise train on nonsense. */
export function checkLabels(labels: ArrayLike<number>, classes: number, first = 0): void {
  for (let at = 0; at < labels.length; at += 1) {
    const label = labels[at] as number;
    if (label < first || label >= first + classes)
      throw new Error(
        `A label of ${classes} classes lies in ${first} … ${first + classes - 1}, got ${label} for example ${at}.`,
      );
  }
}
