import { checkNumber, checkOneOf, checkOptions, finite, nonNegative, type Rule, shown } from '@steppe/check';

export type PlateauOptions = {
  /** By what the rate is multiplied, in (0, 1). @defaultValue 0.1 */
  readonly factor?: number;
  /** Values without improvement that are put up with; at the next one the rate falls. @defaultValue 10 */
  readonly patience?: number;
  /** How much better than the best a value must be to count. @defaultValue 1e-4 */
  readonly threshold?: number;
  /** Whether the threshold is a share of the best value or a difference. @defaultValue 'relative' */
  readonly thresholdMode?: 'relative' | 'absolute';
  /** Values after a fall at which none is counted as bad. @defaultValue 0 */
  readonly cooldown?: number;
  /** The rate does not fall below it. @defaultValue 0 */
  readonly minimum?: number;
  /** Whether a smaller value is better, as of a loss, or a larger, as of an accuracy. @defaultValue 'min' */
  readonly mode?: 'min' | 'max';
};

/** Where the policy stands: plain data, which is a tree and is saved like any. */
export type PlateauState = {
  /** The learning rate, or the scale of one. */
  readonly rate: number;
  /** The best value so far; `null` before the first. */
  readonly best: number | null;
  /** Values in a row without improvement. */
  readonly bad: number;
  /** Values for which none is counted as bad. */
  readonly cooling: number;
};

/** A policy as a pure pair of functions. */
export type Plateau = {
  /** Makes the first state for a rate. */
  start(rate: number): PlateauState;
  /** Takes a measured value in and gives the next state, whose rate may have fallen. */
  update(state: PlateauState, value: number): PlateauState;
};

const whole = (name: string, value: unknown): void =>
  checkNumber(name, value, ['a whole number of at least 0', (x) => Number.isInteger(x) && x >= 0]);

const learningRate: Rule = ['a positive finite number', (x) => x > 0 && Number.isFinite(x)];

/** Refuses what is no state: of one that lacks numbers, the rate would fall for no reason. */
function checkState(state: unknown): void {
  const { rate, best, bad, cooling } = Object(state) as { readonly [name in keyof PlateauState]?: unknown };
  if ([rate, best, bad, cooling].includes(undefined))
    throw new Error(`The state must be what start or update gave, { rate, best, bad, cooling }, got ${shown(state)}.`);
  checkNumber('rate of the state', rate, learningRate);
  if (best !== null) checkNumber('best of the state', best, finite);
  whole('bad of the state', bad);
  whole('cooling of the state', cooling);
}

/**
 * Lowers a learning rate when a measured value, such as the loss on held-out data, has ceased to improve: at the first
 * value beyond `patience` bad ones in a row, rate ← max(factor·rate, minimum).
 *
 * It runs on the host, between calls of `train`: the optimizer is made anew with the state's rate, its own state fits
 * as before. The policy's state is plain data: saved beside the position, it goes on where it stopped. A value counts
 * when it is better than the best by more than the threshold, best - threshold·|best| or best - threshold; NaN and
 * ±Infinity never are. While it cools down none is counted as bad.
 *
 * @throws When an option is unknown or out of its range, a rate is not positive, or a state is none.
 * @see torch.optim.lr_scheduler.ReduceLROnPlateau, whose defaults these are; optax.contrib.reduce_on_plateau, which
 * falls one value earlier.
 *
 * @example
 * ```ts
 * import { reduceOnPlateau } from '@steppe/train';
 *
 * const plateau = reduceOnPlateau({ factor: 0.5, patience: 1 });
 * let state = plateau.start(0.1);
 * for (const loss of [1, 0.8, 0.8, 0.8]) state = plateau.update(state, loss);
 * console.log(state); // => { rate: 0.05, best: 0.8, bad: 0, cooling: 0 }
 * ```
 */
export function reduceOnPlateau(options: PlateauOptions = {}): Plateau {
  const names = ['factor', 'patience', 'threshold', 'thresholdMode', 'cooldown', 'minimum', 'mode'];
  checkOptions('reduceOnPlateau', options, names);
  const { factor = 0.1, patience = 10, threshold = 1e-4, cooldown = 0, minimum = 0 } = options;
  const { thresholdMode = 'relative', mode = 'min' } = options;
  checkNumber('factor', factor, ['in (0, 1)', (x) => x > 0 && x < 1]);
  whole('patience', patience);
  whole('cooldown', cooldown);
  checkNumber('threshold', threshold, nonNegative);
  checkNumber('minimum', minimum, nonNegative);
  checkOneOf('thresholdMode', thresholdMode, ['relative', 'absolute']);
  checkOneOf('mode', mode, ['min', 'max']);
  const isBetter = (value: number, best: number | null): boolean => {
    // An infinite best could never be improved on.
    if (best === null || !Number.isFinite(value)) return Number.isFinite(value);
    const margin = thresholdMode === 'relative' ? threshold * Math.abs(best) : threshold;
    return mode === 'min' ? value < best - margin : value > best + margin;
  };
  return {
    start(rate) {
      checkNumber('The learning rate', rate, learningRate);
      return { rate, best: null, bad: 0, cooling: 0 };
    },
    update(state, value) {
      checkState(state);
      if (typeof value !== 'number') throw new Error(`reduceOnPlateau takes a measured number, got ${shown(value)}.`);
      const better = isBetter(value, state.best);
      const best = better ? value : state.best;
      const cooling = Math.max(0, state.cooling - 1);
      const bad = better || state.cooling > 0 ? 0 : state.bad + 1;
      if (bad <= patience) return { rate: state.rate, best, bad, cooling };
      // A rate that began below the minimum stays: it never rises.
      return { rate: Math.min(state.rate, Math.max(factor * state.rate, minimum)), best, bad: 0, cooling: cooldown };
    },
  };
}
