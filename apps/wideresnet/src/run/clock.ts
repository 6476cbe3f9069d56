/** Starts a clock that says how many seconds ago that was, and those that were counted before. */
export const sinceStart = (before = 0): (() => number) => {
  const start = performance.now();
  return () => Math.round(1000 * before + performance.now() - start) / 1000;
};

/** Seconds since 1970. */
export const unixTime = (): number => Date.now() / 1000;
