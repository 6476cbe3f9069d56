import type { Data } from '../memory/data.ts';
import type { Runtime } from '../runtime.ts';
import type { Arena } from './arena.ts';
import { flatten } from './flatten.ts';
import { withoutDeadResults } from './passes/dead-results.ts';
import { createProgram } from './program.ts';

/** What a take has kept, and the buffers of what it was given. */
type Kept = { readonly kept: readonly Data[]; readonly inputs: readonly number[]; readonly keys: readonly number[] };

/**
 * Gives tensors that a function kept for later calls (`tf.keep`) while it was recorded the values that they would have
 * had: such a call is its first, and nobody computes them again.
 *
 * @param args - What the function was given.
 */
export function fillKept(runtime: Runtime, { kept, inputs, keys }: Kept, args: readonly unknown[], arena: Arena): void {
  const { recorder, storage } = runtime;
  const outputs = kept.map(({ address, size, dtype }) => {
    const { buffer } = recorder.placeOf(address);
    return { buffer, shape: [size], dtype };
  });
  const recording = withoutDeadResults(
    recorder.recorded(),
    outputs.map(({ buffer }) => buffer),
    // The call itself makes them.
    false,
  );
  const program = createProgram(runtime, { recording, inputs, outputs, keys }, arena, false);
  try {
    const given = flatten(args);
    const made = program.run(given.leaves, given.keys);
    for (const [i, info] of made.entries()) {
      storage.fill(kept[i] as Data, info);
      storage.dispose(info.dataId);
    }
  } finally {
    program.dispose();
  }
}
