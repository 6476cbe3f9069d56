/** How patient a download is. */
export type Patience = {
  /**
   * Tries for each URL; each one goes on where the one before it stopped.
   * @defaultValue 5
   */
  readonly tries?: number | undefined;
  /**
   * Milliseconds without a byte after which a try is given up.
   * @defaultValue 30000
   */
  readonly stallTimeout?: number | undefined;
  /**
   * Milliseconds that one file may take in all, tries and waits included: a server that sends a byte now and then never
   * stalls. What has come by then is kept, and the next download goes on from there.
   * @defaultValue 3600000, an hour
   */
  readonly timeout?: number | undefined;
  /**
   * Milliseconds before the second try; doubled for each further one. A server that asks for more gets up to a minute.
   * @defaultValue 1000
   */
  readonly backoff?: number | undefined;
};

/** A timer of more milliseconds than this fires at once. */
const longest = 2 ** 31 - 1;

/**
 * Fills in the defaults.
 *
 * @throws When there would be no try, or no time for one.
 */
export function checkPatience(options: Patience): { readonly [Name in keyof Patience]-?: number } {
  const { tries = 5, stallTimeout = 30_000, timeout = 3_600_000, backoff = 1000 } = options;
  if (!Number.isInteger(tries) || tries < 1)
    throw new Error(`tries must be a whole number of at least 1, got ${tries}.`);
  for (const [name, value] of Object.entries({ stallTimeout, timeout }))
    if (!(value >= 1 && value <= longest))
      throw new Error(`${name} must be between 1 and ${longest} milliseconds, got ${value}.`);
  if (!(backoff >= 0 && backoff <= longest))
    throw new Error(`backoff must be between 0 and ${longest} milliseconds, got ${backoff}.`);
  return { tries, stallTimeout, timeout, backoff };
}
