/** Something to be saved, and who waits for it. */
type Waiting<Item> = {
  readonly item: Item;
  readonly isBest: boolean;
  readonly done: (file: string | undefined) => void;
};

/** Saves one thing at a time, the newest first of all. */
export type SaveQueue<Item> = {
  /** Gives the file once it is on the disk, or `undefined` when a newer item took this one's place or it was not written. */
  readonly add: (item: Item, isBest: boolean) => Promise<string | undefined>;
  /** Waits until nothing is under way and nothing waits, then gives up what is kept for another try. */
  readonly end: () => Promise<void>;
};

/**
 * Makes a queue for one writer: while it writes, of those that come only the newest waits, and the best.
 *
 * A best one that was not written is kept, and tried again before the next item.
 *
 * @param write - Gives the file, or `undefined` when it could not write it; it does not throw.
 * @param release - Gets every item that is no longer needed.
 */
export function saveQueue<Item>(
  write: (item: Item, isBest: boolean) => Promise<string | undefined>,
  release: (item: Item) => void,
): SaveQueue<Item> {
  let waiting: readonly Waiting<Item>[] = [];
  let failed: Item | undefined;
  let working: Promise<void> | undefined;

  const settle = ({ item, done }: Waiting<Item>, file: string | undefined): void => {
    if (item !== failed) release(item);
    done(file);
  };
  const replaceFailed = (item: Item | undefined): void => {
    if (failed !== undefined && failed !== item) release(failed);
    failed = item;
  };
  const writeNext = async (next: Waiting<Item>): Promise<void> => {
    if (failed !== undefined && !next.isBest) {
      const again = failed;
      if ((await write(again, true)) !== undefined && failed === again) replaceFailed(undefined);
    }
    const file = await write(next.item, next.isBest);
    if (next.isBest) replaceFailed(file === undefined ? next.item : undefined);
    settle(next, file);
  };
  const work = async (): Promise<void> => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      waiting = waiting.slice(1);
      await writeNext(next);
    }
    working = undefined;
  };
  return {
    add: (item, isBest) =>
      new Promise((done) => {
        const stays = ({ isBest: wasBest }: Waiting<Item>): boolean => wasBest && !isBest;
        for (const replaced of waiting.filter((one) => !stays(one))) settle(replaced, undefined);
        waiting = [...waiting.filter(stays), { item, isBest, done }];
        working ??= work();
      }),
    async end() {
      await working;
      replaceFailed(undefined);
    },
  };
}
