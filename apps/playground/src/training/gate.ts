/** A door in a loop: `pass` waits while it is shut. */
export type Gate = {
  readonly pass: (signal: AbortSignal) => Promise<void>;
  readonly open: () => void;
  readonly shut: () => void;
};

/** Makes a gate, shut. */
export function gate(): Gate {
  let isOpen = false;
  let waiting: (() => void)[] = [];
  const release = (): void => {
    for (const go of waiting) go();
    waiting = [];
  };
  return {
    async pass(signal) {
      while (!isOpen && !signal.aborted)
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
    },
    open() {
      isOpen = true;
      release();
    },
    shut() {
      isOpen = false;
    },
  };
}
