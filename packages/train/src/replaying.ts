import { type Captured, type CapturingBackend, capturingBackend } from '@steppe/kernels';
import { getBackend, setBackend } from '@tensorflow/tfjs-core';

/** What captures. */
export type CaptureOptions = {
  /** Gets the one line that says what cannot be captured. @defaultValue `console.warn` */
  readonly warn?: (message: string) => void;
};

/** A function that replays where it can, and what to do at its end. */
export type Replaying<Args extends readonly unknown[], Result> = {
  call(...args: Args): Result;
  /** How many calls were replays so far, while it captures; `undefined` where it does not. */
  replays(): number | undefined;
  /** Sees once more whether all replays were right. @throws When they may not have been. */
  finish(): Promise<void>;
  dispose(): void;
};

/** What is replayed, in the words of its messages. */
export type Told = {
  /** What it does where it cannot be captured. */
  readonly slow: string;
  /** What to do where it is no function of its arguments. */
  readonly remedy: string;
  /** Results that may be wrong. */
  readonly results: string;
};

/** The error of a capture, by what it holds: it comes from a package on another floor. */
type Refused = Error & { readonly what: string; readonly unsure: number; readonly link?: string };

const isRefused = (error: unknown): error is Refused => error instanceof Error && error.name === 'CaptureError';

const reasonOf = ({ what, link }: Refused): string => (link === undefined ? what : `in ${link}, ${what}`);

/**
 * Makes a function by replays on a backend that captures, `native`, bit by bit as it is; on others, and where it cannot
 * be replayed, it runs as it is.
 *
 * @throws When replays may have been wrong, at a call and at the end: that is no matter of speed.
 */
export function replaying<Args extends readonly unknown[], Result>(
  f: (...args: Args) => Result,
  { slow, remedy, results }: Told,
  { warn = console.warn }: CaptureOptions,
): Replaying<Args, Result> {
  type Now = { readonly backend: CapturingBackend; readonly name: string; readonly captured: Captured<Args, Result> };
  let now: Now | undefined;
  let refused = false;

  const dispose = (): void => {
    now?.captured.dispose();
    now = undefined;
  };
  /** Runs what captures; what it refuses runs as it is from now on, but wrong results are an error. */
  const unlessRefused = <Made>(run: () => Made, otherwise: () => Made): Made => {
    try {
      return run();
    } catch (error) {
      if (!isRefused(error)) throw error;
      const reason = reasonOf(error);
      if (error.unsure > 0)
        throw new Error(
          `Up to ${error.unsure} of the last ${results} may be wrong, since they replay what was done before: ${reason}. ${remedy}`,
          { cause: error },
        );
      dispose();
      refused = true;
      warn(`${slow}, since they cannot be captured: ${reason}.`);
      return otherwise();
    }
  };
  /** What replays on the backend of now; on another one than at the calls before, it runs as it is. */
  const current = (): Captured<Args, Result> | undefined => {
    if (refused) return undefined;
    const backend = capturingBackend();
    if (!backend) return undefined;
    // Calls are alike: the first one is worth its recording.
    now ??= { backend, name: getBackend(), captured: backend.capture((...args: Args) => f(...args), { warmup: 0 }) };
    return now.backend === backend ? now.captured : undefined;
  };
  return {
    call(...args) {
      const captured = current();
      return captured
        ? unlessRefused(
            () => captured(...args),
            () => f(...args),
          )
        : f(...args);
    },
    replays: () => current()?.replays,
    finish: async () => {
      const other = getBackend();
      if (now === undefined) return;
      const { name, captured } = now;
      if (name !== other) await setBackend(name);
      try {
        unlessRefused(
          () => captured.check(),
          () => {},
        );
      } finally {
        if (name !== other) await setBackend(other);
      }
    },
    dispose,
  };
}
