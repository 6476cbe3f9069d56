/** How a run is drawn wherever it is: one of the colours of the style sheet, and a dash where they repeat. */
export type Look = { readonly color: string; readonly dash: readonly number[] };

/** How many colours the style sheet has. */
const colors = 8;

const dashes: readonly (readonly number[])[] = [[], [8, 3], [2, 3], [10, 3, 2, 3]];

/** The look of the run that was the n-th to be shown: 32 can be told apart. */
export const lookOf = (n: number): Look => ({
  color: `--run-${n % colors}`,
  dash: dashes[Math.floor(n / colors) % dashes.length] ?? [],
});
