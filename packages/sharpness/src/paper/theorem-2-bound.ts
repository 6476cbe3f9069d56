import {
  aNumber,
  belowOne,
  checkNumber,
  checkOptions,
  checkRecord,
  count,
  finite,
  positive,
  type Rule,
} from '@steppe/check';

/** What Theorem 2 is computed from. */
export type Theorem2Options = {
  /** max L_S(w + ε) over ‖ε‖₂ ≤ ρ: L(w) plus `worstCaseSharpness` with p = 2 and all examples together. The theorem is
   * of a loss within [0, 1], such as the error rate. */
  readonly worstLoss: number;
  /** ‖w‖₂ over all weights. */
  readonly norm: number;
  /** The radius ρ > 0. */
  readonly rho: number;
  /** n, the training examples. */
  readonly examples: number;
  /** k, the weights. */
  readonly parameters: number;
  /** δ in (0, 1), the probability that the bound fails. @defaultValue 0.05 */
  readonly delta?: number;
};

/** The bound and its terms, which under the root are divided by n - 1. */
export type Theorem2Bound = Required<Theorem2Options> & {
  /** The bound of the expected loss. */
  readonly value: number;
  /** k·ln(1 + (‖w‖²/ρ²)(1 + √(ln n / k))²). */
  readonly complexity: number;
  /** 4·ln(n/δ). */
  readonly confidence: number;
  /** 8·ln(6n + 3k), the Õ(1) of the theorem as its proof has it. */
  readonly remainder: number;
  /** √((complexity + confidence + remainder) / (n - 1)). */
  readonly penalty: number;
  /** Whether it says nothing: a loss within [0, 1] is below 1 anyway. */
  readonly vacuous: boolean;
};

const several: Rule = ['a whole number of at least 2', (n) => Number.isInteger(n) && n >= 2];
const chance: Rule = ['in (0, 1)', (x) => x > 0 && belowOne[1](x)];
const length: Rule = ['a number of at least 0', (x) => x >= 0 && Number.isFinite(x)];

/**
 * Computes the bound of the paper's Theorem 2, with every term: with probability 1 - δ over training sets
 * L_D(w) ≤ max L_S(w + ε) + √((k·ln(1 + (‖w‖²/ρ²)(1 + √(ln n / k))²) + 4·ln(n/δ) + 8·ln(6n + 3k)) / (n - 1)).
 *
 * It assumes L_D(w) ≤ E L_D(w + N(0, σ²)), and a loss within [0, 1]. For networks with more weights than examples it is
 * vacuous, far above 1: it motivates SAM and certifies nothing.
 *
 * @throws When an option is unknown, missing or out of range.
 * @see Foret et al., Sharpness-Aware Minimization, ICLR 2021, appendix A.1, equation (4) and the last line of its proof.
 *
 * @example
 * ```ts
 * import { theorem2Bound } from '@steppe/sharpness';
 *
 * const { value, vacuous } = theorem2Bound({ worstLoss: 0.1, norm: 30, rho: 0.05, examples: 60_000, parameters: 77_850 });
 * console.log(value.toFixed(2), vacuous); // => 4.18 true
 * ```
 */
export function theorem2Bound(options: Theorem2Options): Theorem2Bound {
  const checks = {
    worstLoss: aNumber(finite),
    norm: aNumber(length),
    rho: aNumber(positive),
    examples: aNumber(several),
    parameters: aNumber(count),
    delta: aNumber(chance),
  };
  checkOptions('theorem2Bound', options, checks);
  const { worstLoss, norm, rho, examples: n, parameters: k, delta = 0.05 } = options;
  checkNumber('worstLoss', worstLoss, finite);
  checkNumber('norm', norm, length);
  checkNumber('rho', rho, positive);
  checkNumber('examples', n, several);
  checkNumber('parameters', k, count);
  const complexity = k * Math.log1p((norm / rho) ** 2 * (1 + Math.sqrt(Math.log(n) / k)) ** 2);
  const confidence = 4 * Math.log(n / delta);
  const remainder = 8 * Math.log(6 * n + 3 * k);
  const penalty = Math.sqrt((complexity + confidence + remainder) / (n - 1));
  const value = worstLoss + penalty;
  const given = { worstLoss, norm, rho, examples: n, parameters: k, delta };
  return { ...given, value, complexity, confidence, remainder, penalty, vacuous: value > 1 };
}

/**
 * Writes the bound of Theorem 2 as lines for people: every term, and the word vacuous where it is above 1.
 *
 * @throws When it is no bound, as `theorem2Bound` gives it.
 *
 * @example
 * ```ts
 * import { theorem2Bound, theorem2Text } from '@steppe/sharpness';
 *
 * const bound = theorem2Bound({ worstLoss: 0.1, norm: 30, rho: 0.05, examples: 60_000, parameters: 77_850 });
 * console.log(theorem2Text(bound).at(-1)); // => bound 4.18: vacuous, a loss within [0, 1] is below 1 anyway
 * ```
 */
export function theorem2Text(bound: Theorem2Bound): readonly string[] {
  checkRecord('bound', bound);
  const { worstLoss, norm, rho, examples, parameters, delta, complexity, confidence, remainder, penalty, value } =
    bound;
  const numbers = {
    worstLoss,
    norm,
    rho,
    examples,
    parameters,
    delta,
    complexity,
    confidence,
    remainder,
    penalty,
    value,
  };
  for (const [name, term] of Object.entries(numbers)) checkNumber(name, term, finite);
  const short = (x: number): string => String(Number(x.toPrecision(4)));
  return [
    `worst loss within ρ = ${short(rho)}: ${short(worstLoss)}`,
    `complexity k·ln(1 + (‖w‖²/ρ²)(1 + √(ln n / k))²): ${short(complexity)}, k = ${parameters}, ‖w‖ = ${short(norm)}, n = ${examples}`,
    `confidence 4·ln(n/δ): ${short(confidence)}, δ = ${delta}`,
    `remainder 8·ln(6n + 3k): ${short(remainder)}`,
    `penalty √(sum / (n - 1)): ${short(penalty)}`,
    `bound ${value.toFixed(2)}: ${bound.vacuous ? 'vacuous, a loss within [0, 1] is below 1 anyway' : 'below 1'}`,
  ];
}
