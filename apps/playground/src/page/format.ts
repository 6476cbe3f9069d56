/** A loss or a difference of losses, with as many digits as it needs to be told from its neighbours. */
export const plain = (value: number): string => {
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 0.1 ? value.toFixed(2) : size >= 0.001 ? value.toFixed(3) : value.toExponential(1);
};

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The exponent as people write it. */
export const exponent = (p: number): string => (p === Number.POSITIVE_INFINITY ? '∞' : String(p));
