/** Losses of labels written a second time, in float64 and plain loops over rows: the oracle for values and gradients. */

export type Rows = readonly (readonly number[])[];

/** How much rows count: by themselves, and by class. */
export type Counting = { readonly weights?: readonly number[]; readonly classWeights?: readonly number[] };

/** Rows of 0 and 1 for class numbers. */
export const oneHot = (labels: readonly number[], classes: number): Rows =>
  labels.map((label) => Array.from({ length: classes }, (_, c) => Number(c === label)));

export const sum = (x: readonly number[]): number => x.reduce((s, v) => s + v, 0);

export const softmax = (row: readonly number[]): readonly number[] => {
  const top = Math.max(...row);
  const exps = row.map((z) => Math.exp(z - top));
  return exps.map((e) => e / sum(exps));
};

/** What each row counts, by the target before smoothing. */
export const rowWeights = (targets: Rows, { weights, classWeights }: Counting): readonly number[] =>
  targets.map((t, i) => (weights?.[i] ?? 1) * (classWeights ? sum(t.map((v, c) => v * classWeights[c]!)) : 1));

const over = (x: number, whole: number): number => (whole === 0 ? 0 : x / whole);

/** The value of the softmax cross entropy with its gradient by the logits, for targets with rows of weight 0 for what is
 * ignored. */
export function crossEntropy(logits: Rows, targets: Rows, counting: Counting, smoothing = 0) {
  const weights = rowWeights(targets, counting);
  const whole = sum(weights);
  const rows = logits.map((row, i) => {
    const own = counting.weights?.[i] ?? 1;
    if (weights[i] === 0) return { loss: 0, gradient: row.map(() => 0) };
    const p = softmax(row);
    const top = Math.max(...row);
    const logSum = top + Math.log(sum(row.map((z) => Math.exp(z - top))));
    const pull = targets[i]!.map(
      (t, c) => ((1 - smoothing) * t + smoothing / row.length) * (counting.classWeights?.[c] ?? 1),
    );
    return {
      loss: own * sum(pull.map((k, c) => (k === 0 ? 0 : k * (logSum - row[c]!)))),
      gradient: p.map((pc, c) => over(own * (sum(pull) * pc - pull[c]!), whole)),
    };
  });
  return { value: over(sum(rows.map(({ loss }) => loss)), whole), gradient: rows.map(({ gradient }) => gradient) };
}
