import type { Buffer, Call, Place } from '../recording.ts';

/** The arguments that a function writes to, of those that do nothing else. */
const results: Readonly<Partial<Record<Call['name'], readonly number[]>>> = {
  steppe_conv2d: [2],
  steppe_conv2d_input_grad: [2],
  steppe_conv2d_filter_grad: [2],
  steppe_depthwise: [2],
  steppe_depthwise_input_grad: [2],
  steppe_depthwise_filter_grad: [2],
  steppe_matmul: [2],
  steppe_unary: [3],
  steppe_binary: [4],
  steppe_select: [3],
  steppe_cast: [3],
  steppe_fill: [1],
  steppe_ramp: [1],
  steppe_reduce: [3],
  steppe_arg: [3],
  steppe_top: [2, 3],
  steppe_softmax: [1],
  steppe_softmax_grad: [2],
  steppe_batch_norm: [5],
  steppe_norm_train: [3, 4, 5],
  steppe_norm_train_add: [2, 5, 6, 7],
  steppe_norm_moments: [2, 3, 4],
  steppe_norm_terms: [4, 5],
  steppe_norm_train_grad: [6, 7, 8],
  steppe_norm_train_grad_add: [7, 8, 9],
  steppe_norm_train_second: [9, 10, 11],
  steppe_norm_eval: [5],
  steppe_norm_eval_grad: [6, 7, 8],
  steppe_norm_eval_second: [9, 10, 11],
  steppe_norm_layer: [3],
  steppe_norm_layer_grad: [3, 4, 5],
  steppe_pool: [1],
  steppe_pool_grad: [2],
  steppe_tree_norm: [3],
  steppe_tree_dot: [2],
  steppe_tree_scale: [],
  steppe_tree_normalize: [3],
  steppe_tree_factor: [3, 4],
  steppe_tree_add_scaled: [],
  steppe_tree_momentum: [],
  steppe_copy: [0],
  steppe_gather: [2],
  steppe_segment_sum: [2],
  steppe_one_hot: [1],
  steppe_mirror_pad: [1],
  steppe_cumulate: [1],
  steppe_draw: [2],
};

/** Words of a `steppe_leaf` of steppe.h, of which the last two are pointers to what is written. */
export const leafWords = 6;
const firstWritten = 4;

/** Whether a function takes leaves of trees, in the table that is its first argument. */
const takesLeaves = (name: Call['name']): boolean => name.startsWith('steppe_tree_');

const isPlace = (value: number | Place | undefined): value is Place => typeof value === 'object';

/** The buffers that a call touches: those that it writes, and all others. */
export type Effects = {
  readonly writes: ReadonlySet<number>;
  readonly reads: ReadonlySet<number>;
  /** Whether it does nothing but write those; else it writes whatever it touches, or does what nobody sees here. */
  readonly isKnown: boolean;
};

// Every pass asks of the same calls, which do not change, nor do the tables that they read.
const found = new WeakMap<Call, Effects>();

/** Tells what a call touches, through tables too. */
export function effectsOf(call: Call, buffers: readonly Buffer[]): Effects {
  const before = found.get(call);
  if (before) return before;
  const effects = touchedBy(call, buffers);
  found.set(call, effects);
  return effects;
}

// This runs some hundred times before V8 has compiled it: hence the plain loops.
function touchedBy({ name, arguments: given, callback }: Call, buffers: readonly Buffer[]): Effects {
  if (callback) {
    const touched = given.filter(isPlace).map(({ buffer }) => buffer);
    const count = callback.inputs.length;
    return { reads: new Set(touched.slice(0, count)), writes: new Set(touched.slice(count)), isKnown: false };
  }
  const written = results[name];
  const writes = new Set<number>();
  const reads = new Set<number>();
  for (let i = 0; i < given.length; i++) {
    const place = given[i];
    if (!isPlace(place)) continue;
    (written === undefined || written.includes(i) ? writes : reads).add(place.buffer);
    const table = buffers[place.buffer];
    if (table?.kind !== 'table') continue;
    const hasResults = written === undefined || takesLeaves(name);
    for (let word = 0; word < table.words.length; word++) {
      const entry = table.words[word];
      if (!isPlace(entry)) continue;
      const isRead = written !== undefined && !(hasResults && word % leafWords >= firstWritten);
      (isRead ? reads : writes).add(entry.buffer);
    }
  }
  return { writes, reads, isKnown: written !== undefined };
}

/** Whether two sets have a buffer in common. */
export function meets(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const buffer of few) if (many.has(buffer)) return true;
  return false;
}
