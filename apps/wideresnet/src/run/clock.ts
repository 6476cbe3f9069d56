/** Starts a clock that says how many seconds ago that was. */
export const sinceStart = (): (() => number) => {
  const start = performance.now();
  return () => Math.round(performance.now() - start) / 1000;
};

/** Seconds since 1970. */
export const unixTime = (): number => Date.now() / 1000;
