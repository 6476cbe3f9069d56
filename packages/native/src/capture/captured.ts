import type { Captured } from '@steppe/kernels';
import { engine, type TensorContainer, tidy } from '@tensorflow/tfjs-core';
import { precisionCode, type Runtime } from '../runtime.ts';
import { createArena } from './arena.ts';
import { CaptureError } from './capture-error.ts';
import { flatten, replaceLeaves } from './flatten.ts';
import { createProgram, type Program } from './program.ts';
import { changed, type Take, takeOf } from './take.ts';

type Entry = { readonly take: Take; readonly program: Program; uses: number; nextCheck: number };

/** The recordings that are kept; beyond, the one is given up that was not used for the longest. */
const mostKept = 32;
/** The combinations that are remembered as seen once: those are not worth a recording. */
const mostSeen = 256;

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
  f: (...args: Args) => Result,
): Captured<Args, Result> {
  const { library, recorder, pool, backend } = runtime;
  const kept = new Map<string, Entry>();
  const seen = new Set<string>();
  const arena = createArena(pool);
  let recordings = 0;

  const dispose = (): void => {
    for (const { program } of kept.values()) program.dispose();
    kept.clear();
    seen.clear();
    arena.dispose();
  };
  const record = (args: Args): Entry => {
    const take = takeOf(runtime, f, args);
    recordings++;
    const program = createProgram(runtime, take, arena);
    return { take, program, uses: 0, nextCheck: 1 };
  };
  /** Sees whether f still does what was recorded: soon at first, and then ever more seldom. */
  const compare = (entry: Entry, args: Args): void => {
    entry.nextCheck *= 8;
    try {
      const what = changed(entry.take, takeOf(runtime, f, args));
      if (what !== undefined) throw new CaptureError(`it must do the same at every call, but ${what}`);
    } catch (error) {
      entry.program.dispose();
      throw error;
    }
  };
  const call = (...args: Args): Result => {
    if (engine().backend !== backend)
      throw new Error(
        `A captured function runs on native alone, got ${engine().backendName}: tf.setBackend('native').`,
      );
    // A gradient of it needs its operations on the tape, and a recording needs its calls.
    if (engine().state.gradientDepth > 0 || recorder.isRecording()) return f(...args);
    const { leaves, keys, signature } = flatten(args);
    const key = `${precisionCode(runtime)} ${library.steppe_threads()} ${signature}`;
    let entry = kept.get(key);
    if (!entry && !seen.has(key)) {
      seen.add(key);
      if (seen.size > mostSeen) dropOldest(seen);
      return eagerly(f, args);
    }
    if (entry) kept.delete(key);
    else entry = record(args);
    if (entry.uses === entry.nextCheck) compare(entry, args);
    kept.set(key, entry);
    entry.uses++;
    while (kept.size > mostKept) {
      const [[oldest, { program }] = ['', entry]] = kept;
      program.dispose();
      kept.delete(oldest);
    }
    const { take, program } = entry;
    const outputs = program.run(leaves, keys);
    const tensors = outputs.map((info) => engine().makeTensorFromTensorInfo(info, backend));
    const [ownTensors, ownKeys] = [tensors.values(), take.nextKeys.values()];
    const next = (): unknown => {
      const key = ownKeys.next().value;
      return typeof key === 'number' ? program.key(key) : key;
    };
    return replaceLeaves(take.result, () => ownTensors.next().value, next) as Result;
  };
  return Object.defineProperties(call, {
    recordings: { get: () => recordings },
    dispose: { value: dispose },
  }) as Captured<Args, Result>;
}
