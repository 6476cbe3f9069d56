/** Where the line between two networks is looked at: 0 is SGD, 1 is SAM. */
export const positions: readonly number[] = Array.from({ length: 13 }, (_, i) => (i - 2) / 8);
