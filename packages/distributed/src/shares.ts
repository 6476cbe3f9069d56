/** A rank's share of a mean, and whether it has none at all: then its values, NaN also, do not count. */
export type Share = { readonly share: number; readonly isNothing: boolean };

/** The sum from left to right in float32, as tensors are added. */
const total = (numbers: readonly number[]): number => numbers.reduce((sum, x) => Math.fround(sum + x));

/** The shares of the ranks, by weight or, where all weights are 0, by examples, as `microBatch` computes them. */
export function sharesOf(examples: readonly number[], weights: readonly number[] | undefined): readonly Share[] {
  const whole = examples.reduce((sum, own) => sum + own, 0);
  const byExamples = examples.map((own) => ({ share: own / whole, isNothing: false }));
  if (weights === undefined) return byExamples;
  // Scaled by the largest where the sum would overflow: its shares would all be 0.
  const unit = total(weights) < Number.POSITIVE_INFINITY ? 1 : Math.max(...weights);
  const scaled = weights.map((own) => Math.fround(own / unit));
  const sum = total(scaled);
  if (sum === 0) return byExamples;
  return scaled.map((own, i) => ({ share: Math.fround(own / sum), isNothing: weights[i] === 0 }));
}
