import type { WaitUntil } from './platform.ts';

type Tick = () => void;

/** A turn of each GPU's. */
const ticks = new WeakMap<object, Tick>();

const isNative = (callback: unknown): callback is Tick =>
  typeof callback === 'function' && /\{\s*\[native code\]\s*\}$/.test(String(callback));

/** Runs something while `setImmediate` is another. */
function withImmediates<Result>(
  immediate: (callback: unknown, ...args: unknown[]) => unknown,
  run: () => Result,
): Result {
  const before = globalThis.setImmediate;
  globalThis.setImmediate = Object.assign(immediate, before) as typeof setImmediate;
  try {
    return run();
  } finally {
    globalThis.setImmediate = before;
  }
}

/**
 * Makes a device of Dawn, and finds out how to wait for it.
 *
 * Dawn's callbacks run in a turn of the event loop: it hands `setImmediate` a function of its own, in C++, that looks
 * which are due. Whoever has this function can call it at once and so wait without giving way to the event loop, which
 * is what a synchronous read takes.
 *
 * @param gpu - Where the device comes from.
 * @returns The device, and the way to wait; undefined where this version of Dawn does otherwise.
 */
export async function watchDawn<Device>(
  gpu: object,
  make: () => Promise<Device>,
): Promise<{ readonly device: Device; readonly waitUntil: WaitUntil | undefined }> {
  const { setImmediate } = globalThis;
  let tick: Tick | undefined;
  const watch = (callback: unknown, ...args: unknown[]): unknown => {
    if (isNative(callback)) tick ??= callback;
    return setImmediate(callback as Tick, ...(args as []));
  };
  // Dawn asks for its turn before this returns, unless one is due already; one that was asked for earlier does as well.
  const device = await withImmediates(watch, make);
  if (tick) ticks.set(gpu, tick);
  const found = ticks.get(gpu);
  return { device, waitUntil: found && ((holds) => waitUntil(found, holds)) };
}

function waitUntil(tick: Tick, holds: () => boolean): void {
  let asked = false;
  const ask = (): void => {
    asked = true;
  };
  withImmediates(ask, () => {
    while (!holds()) tick();
  });
  // Others may be waiting in the ordinary way.
  if (asked) setImmediate(tick);
}
