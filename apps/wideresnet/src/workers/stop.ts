import type { World } from '@steppe/distributed';
import { codeOf, type Interrupt, signals } from '../run/interrupt.ts';

/** The wish of any rank to stop, of which all learn at the same step. */
export type Stop = {
  /** Is aborted by `look` on all ranks, when one of them was asked to stop. */
  readonly signal: AbortSignal;
  /** Asks all ranks, which do so at the same time. */
  look(): void;
  /** What the process ends with. */
  code(): number;
};

/** Lets the ranks stop together: one that saves while another one waits for it at the next step would wait for ever. */
export function stopTogether(workers: World, interrupt: Interrupt): Stop {
  if (workers.size === 1) return { signal: interrupt.signal, look() {}, code: () => codeOf(interrupt) };
  const controller = new AbortController();
  let agreed: NodeJS.Signals | undefined;
  return {
    signal: controller.signal,
    look() {
      const own = interrupt.received();
      const wish = Int32Array.of(own === undefined ? 0 : signals.indexOf(own as (typeof signals)[number]) + 1);
      const [all = 0] = workers.allReduce(wish, 'max');
      if (all === 0) return;
      agreed = signals[all - 1];
      controller.abort();
    },
    code: () => codeOf({ received: () => agreed }),
  };
}
