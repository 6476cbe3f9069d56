import { type Captured, type CaptureOptions, type CountWatch, watchCounts } from '@steppe/kernels';
import { engine, env, type TensorContainer, tidy } from '@tensorflow/tfjs-core';
import { precisionCode, type Runtime } from '../runtime.ts';
import { createArena } from './arena.ts';
import { CaptureError } from './capture-error.ts';
import { between } from './counts.ts';
import { difference } from './difference.ts';
import { flatten, replaceLeaves } from './flatten.ts';
import { createProgram, type Program } from './program.ts';
import { type Take, takeOf } from './take.ts';

type Entry = {
  /** The function with its `this`. */
  readonly f: (...args: never[]) => unknown;
  readonly take: Take;
  readonly program: Program;
  /** What it was recorded with; its tensors may be freed, for their shapes and types are enough to record it again. */
  readonly like: readonly unknown[];
  /** Whether f was recorded a second time, and did the same. */
  isSeenTwice: boolean;
  /** Whether it took the place of another one, for f began otherwise: f does so once. */
  readonly isSecond: boolean;
  /** Its calls, how many there were when f was last seen to do what was recorded, and which of all was the last. */
  uses: number;
  checked: number;
  last: number;
};

/** The recordings that are kept. */
const mostKept = 32;
/** The calls that a recording rests before it makes room for another one: where more combinations than are kept take
 * turns, each would else be recorded anew whenever its turn comes. */
const restCalls = 256;
/** The combinations that are remembered as seen once: those are not worth a recording. */
const mostSeen = 256;
/** The most calls of a recording between two looks at whether f still does the same. */
const mostUnsure = 512;

/** Drops what a map or a set holds the longest. */
function dropOldest<Key>(from: { keys(): Iterator<Key>; delete(key: Key): boolean }): void {
  const oldest = from.keys().next();
  if (!oldest.done) from.delete(oldest.value);
}

/** Runs f as a replay does: what it makes on the way is freed, and its result is the caller's alone. */
function eagerly<Args extends readonly unknown[], Result>(f: (...args: Args) => Result, args: Args): Result {
  const owned = (): Result => {
    const { id: scope } = engine().state.activeScope;
    const taken = new Set<number>();
    const made = f(...args);
    flatten(made); // refuses what is no tree
    return replaceLeaves(made, (leaf) => {
      const own = leaf.scopeId !== scope || taken.has(leaf.id) ? leaf.clone() : leaf;
      taken.add(own.id);
      return own;
    }) as Result;
  };
  return tidy(owned as () => TensorContainer) as Result;
}

/** Makes a function that replays f on the backend of `runtime`. */
export function capturedOn<Args extends readonly unknown[], Result>(
  runtime: Runtime,
  given: (...args: Args) => Result,
  { fuse = true, warmup = 1 }: CaptureOptions = {},
): Captured<Args, Result> {
  const { library, recorder, pool, backend } = runtime;
  const kept = new Map<string, Entry>();
  const seen = new Set<string>();
  /** What counts of steps are compared with: a recording holds for all those between two of them. */
  const bounds = new Set<number>();
  const noting: CountWatch = { isBelow: (_, bound) => void bounds.add(bound), next: () => undefined };
  const selves = new WeakMap<object, number>();
  const arena = createArena(pool);
  let [recordings, calls, replays, running, lastSelf] = [0, 0, 0, 0, 0];
  let freed = false;
  let latest: Entry | undefined;

  const drop = (key: string, { program }: Entry): void => {
    program.dispose();
    kept.delete(key);
  };
  const dispose = (): void => {
    freed = true;
    if (running > 0) return; // the function itself asks for it: afterwards
    freed = false;
    for (const [key, entry] of kept) drop(key, entry);
    seen.clear();
    arena.dispose();
    latest = undefined;
  };
  /** Runs f again, for another look: when the clock has moved on, for what is made of the time is another one then. */
  const takenAgain = ({ f, take: { ended } }: Pick<Entry, 'f' | 'take'>, args: readonly unknown[]): Take => {
    // Not for ever: tests stop the clock, or both.
    const until = performance.now() + 2;
    for (let i = 0; i < 1e5 && Date.now() === ended && performance.now() < until; i++);
    return takeOf(runtime, f, args, arena);
  };
  const sameAs = (entry: Pick<Entry, 'f' | 'take'>, args: readonly unknown[], unsure: number): void => {
    const what = difference(entry.take, takenAgain(entry, args));
    if (what !== undefined) throw new CaptureError(`it must do the same at every call, but ${what}`, unsure);
  };
  const entryFrom = (f: Entry['f'], args: Args, take: Take, { isSeenTwice = false, isSecond = false }): Entry => {
    const program = createProgram(runtime, take, arena, fuse);
    recordings++;
    const like = replaceLeaves(args, (leaf) => leaf) as Args;
    return { f, take, program, like, isSeenTwice, isSecond, uses: 0, checked: 0, last: calls };
  };
  const record = (f: Entry['f'], args: Args, take: Take, isSecond = false): Entry => {
    // Before anything is replayed: keys are others in each take, so a number that the host has made of one shows.
    sameAs({ f, take }, args, 0);
    return entryFrom(f, args, take, { isSeenTwice: !isSecond, isSecond });
  };
  /** Looks at a first take before it serves another call. A function may begin otherwise than it goes on, such as one
   * that finds something out at its first call; one that does otherwise at its third, too, has no calls alike. */
  const seenAgain = (key: string, entry: Entry, args: Args): Entry => {
    const take = takenAgain(entry, args);
    const what = difference(entry.take, take);
    if (what === undefined) {
      entry.isSeenTwice = true;
      entry.checked = entry.uses;
      return entry;
    }
    drop(key, entry);
    if (entry.isSecond) throw new CaptureError(`it must do the same at every call, but ${what}`, 0);
    return record(entry.f, args, take, true);
  };
  /** Replays since f was last seen to do what was recorded; the call of the recording itself has seen it. */
  const unsureOf = ({ uses, checked }: Entry): number => Math.max(0, uses - checked - 1);
  /** Sees whether f still does what was recorded, up to a call: that which is about to be made, or the last. */
  const compare = (key: string, entry: Entry, upTo: number): void => {
    const unsure = unsureOf(entry);
    entry.checked = upTo;
    try {
      sameAs(entry, entry.like, unsure);
    } catch (error) {
      drop(key, entry);
      throw error;
    }
  };
  const check = (): void => {
    for (const [key, entry] of kept) if (unsureOf(entry) > 0) compare(key, entry, entry.uses - 1);
  };
  /** Whether it is time to look again: soon at first, and then ever more seldom. */
  const isDue = ({ uses, checked }: Entry): boolean => uses - checked >= Math.min(mostUnsure, 15 * (checked || 1));
  /** Whether there is room for one more recording, if need be in the place of one that rests. */
  const hasRoom = (): boolean => {
    if (kept.size < mostKept) return true;
    for (const [key, entry] of kept) {
      if (calls - entry.last < restCalls) return false;
      drop(key, entry);
      return true;
    }
    return true;
  };
  /** The recording of a first call, which is made by its own take and so is what f does; `undefined` where f does what
   * cannot be replayed, as one may that checks something once: the second call tells. */
  const firstEntry = (f: Entry['f'], args: Args): Entry | undefined => {
    try {
      return entryFrom(f, args, takeOf(runtime, f, args, arena, true), {});
    } catch (error) {
      if (error instanceof CaptureError) return undefined;
      throw error;
    }
  };
  /** The recording for a call; `undefined` where it comes for the first time, or there is no room. */
  const entryOf = (keyNow: () => string, f: Entry['f'], args: Args, isOwn: boolean): Entry | undefined => {
    const key = keyNow();
    const known = kept.get(key);
    if (known) {
      const entry = known.isSeenTwice ? known : seenAgain(key, known, args);
      if (isDue(entry)) compare(key, entry, entry.uses);
      // Behind all others: the first is the one that rests the longest.
      kept.delete(key);
      kept.set(key, entry);
      return entry;
    }
    const isNew = !seen.delete(key);
    seen.add(key);
    if (seen.size > mostSeen) dropOldest(seen);
    // At the first call only where the recording before was worth it.
    const isWaiting = isNew && (!isOwn || warmup > 0 || latest?.uses === 1);
    if (isWaiting || !hasRoom()) return undefined;
    const entry = isNew ? firstEntry(f, args) : record(f, args, takeOf(runtime, f, args, arena));
    if (!entry) return undefined;
    latest = entry;
    for (const bound of entry.take.bounds) bounds.add(bound);
    if (!entry.take.keeps) kept.set(keyNow(), entry);
    return entry;
  };
  /** A number of its own for each `this`: what it holds is the recording's. */
  const selfNumber = (self: unknown): number => {
    if (Object(self) !== self) return 0;
    const number = selves.get(self as object) ?? ++lastSelf;
    selves.set(self as object, number);
    return number;
  };
  const replay = (self: unknown, args: Args): Result => {
    const f = Object(self) === self ? (...own: Args): Result => Reflect.apply(given, self, own) as Result : given;
    if (engine().backend !== backend)
      throw new Error(
        `A captured function runs on native alone, got ${engine().backendName}: tf.setBackend('native').`,
      );
    // A gradient of it needs its operations on the tape, a recording its calls, and a profile and debug mode its kernels.
    const { gradientDepth, profiling } = engine().state;
    if (gradientDepth > 0 || recorder.isRecording() || profiling || env().getBool('DEBUG')) return f(...args);
    // A callback of a replay under way calls the function itself, and the memory of its recordings is in use.
    if (running > 1) return eagerly(f, args);
    const { leaves, keys, counts, signature } = flatten(args);
    // `inFloat32` decides what a precision means that f sets itself.
    const about = `${precisionCode(runtime)} ${backend.inFloat32} ${library.steppe_threads()} ${selfNumber(self)} ${signature}`;
    const keyNow = (): string => `${about} ${between(counts, bounds)}`;
    calls++;
    // A take's counts stand for others, so that it makes no call itself where there are some.
    const entry = entryOf(keyNow, f, args, counts.length === 0);
    if (!entry) {
      const made = watchCounts(noting, () => eagerly(f, args));
      // It may have been compared with bounds that nobody knew of.
      if (counts.length > 0) seen.add(keyNow());
      return made;
    }
    entry.uses++;
    entry.last = calls;
    const { take, program } = entry;
    const outputs = program.run(leaves, keys);
    replays++;
    const tensors = outputs.map((info) => engine().makeTensorFromTensorInfo(info, backend));
    const [ownTensors, ownKeys] = [tensors.values(), take.nextKeys.values()];
    const next = (): unknown => {
      const key = ownKeys.next().value;
      return typeof key === 'number' ? program.key(key) : key;
    };
    const ownCounts = take.nextCounts.values();
    const count = (): unknown => {
      const own = ownCounts.next().value;
      return typeof own === 'object' ? (counts[own.input] ?? 0) + own.more : own;
    };
    const result = replaceLeaves(take.result, () => ownTensors.next().value, next, count) as Result;
    if (take.keeps) program.dispose();
    return result;
  };
  const call = function (this: unknown, ...args: Args): Result {
    running++;
    try {
      return replay(this, args);
    } finally {
      running--;
      if (freed) dispose();
    }
  };
  return Object.defineProperties(call, {
    recordings: { get: () => recordings },
    replays: { get: () => replays },
    check: { value: check },
    dispose: { value: dispose },
  }) as Captured<Args, Result>;
}
