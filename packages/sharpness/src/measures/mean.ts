/** A mean of several numbers, and how far it may be off. */
export type Mean = {
  readonly value: number;
  /** The standard error of the mean; `null` where one number alone was seen, which says nothing of it. */
  readonly standardError: number | null;
};

/** Σ n_b·x_b / Σ n_b, and its standard error √(B/(B-1)·Σ (n_b/N)²(x_b - x̄)²) for B numbers that are seen as a sample. */
export function weightedMean(values: readonly number[], weights: readonly number[]): Mean {
  const total = weights.reduce((sum, n) => sum + n, 0);
  const shares = weights.map((n) => n / total);
  const over = (f: (x: number, share: number) => number) =>
    values.reduce((sum, x, i) => sum + f(x, shares[i] as number), 0);
  const value = over((x, share) => share * x);
  const seen = values.length;
  const standardError =
    seen < 2 ? null : Math.sqrt((seen / (seen - 1)) * over((x, share) => (share * (x - value)) ** 2));
  return { value, standardError };
}

/** The mean of independent draws, each of the same weight. */
export const meanOf = (values: readonly number[]): Mean =>
  weightedMean(
    values,
    values.map(() => 1),
  );
