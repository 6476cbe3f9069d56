import type { Rule } from '@steppe/check';

/** A number of classes of which labels, which are bytes, tell. */
export const classesFrom = (least: number): Rule => [
  `a whole number from ${least} to 256`,
  (n) => Number.isInteger(n) && n >= least && n <= 256,
];

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
