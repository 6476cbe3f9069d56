/** A signal that also fires when nothing has happened for a while. */
export type Watch = {
  readonly signal: AbortSignal;
  /** Says that something has happened. */
  readonly alive: () => void;
  readonly stalled: () => boolean;
  readonly stop: () => void;
};

/** Watches over a transfer: the signal fires on `signal`, or after `timeout` milliseconds without a call of `alive`. */
export function watch(timeout: number, signal: AbortSignal): Watch {
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(), timeout);
  return {
    signal: AbortSignal.any([stall.signal, signal]),
    alive: () => timer.refresh(),
    stalled: () => stall.signal.aborted,
    stop: () => clearTimeout(timer),
  };
}
