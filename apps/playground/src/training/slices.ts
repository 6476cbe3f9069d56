/** Waits until there is time for the next slice. */
export type Turn = () => Promise<void>;

/** A long work in slices, between which something else goes on. */
export type Slices = {
  /**
   * Runs the next slice: from the turn that the work waits for to the next, or to its end.
   *
   * @returns Whether there is another.
   * @throws When the work does.
   */
  readonly next: () => Promise<boolean>;
  /** Ends the work where it waits, and returns when it has cleaned up; one that has ended is no error. */
  readonly end: () => Promise<void>;
};

/**
 * Cuts a work into slices: it asks for a turn before each, and goes on when `next` is called.
 *
 * @param work - Begins at the first `next`; the turn that it waits for rejects when it is ended.
 */
export function slices(work: (turn: Turn) => Promise<void>): Slices {
  let ended: Error | undefined;
  let go: () => void = () => undefined;
  let stop: (reason: Error) => void = () => undefined;
  let wait: () => void = () => undefined;
  const turn: Turn = async () => {
    if (ended) throw ended;
    const mine = new Promise<void>((resolve, reject) => {
      go = resolve;
      stop = reject;
    });
    wait();
    await mine;
  };
  const done = turn().then(() => work(turn));
  // Whoever calls next or end hears of it.
  done.catch(() => undefined);
  return {
    next() {
      const more = new Promise<boolean>((resolve) => {
        wait = () => resolve(true);
      });
      go();
      return Promise.race([more, done.then(() => false)]);
    },
    async end() {
      ended ??= new Error('The work was ended.');
      stop(ended);
      await done.catch(() => undefined);
    },
  };
}
