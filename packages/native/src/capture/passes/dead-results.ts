import type { FunctionName } from '../../library.ts';
import type { Call, Place, Recording } from '../recording.ts';

/** The arguments that a function writes to, of those that do nothing else; others are always called. */
const results: Readonly<Partial<Record<FunctionName, readonly number[]>>> = {
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
  steppe_softmax: [1],
  steppe_softmax_grad: [2],
  steppe_batch_norm: [5],
  steppe_norm_train: [3, 4, 5],
  steppe_pool: [1],
  steppe_pool_grad: [2],
  steppe_copy: [0],
  steppe_gather: [2],
  steppe_one_hot: [1],
  steppe_draw: [2],
};

/**
 * Leaves out the calls whose results nobody reads, such as the running statistics of SAM's second pass.
 *
 * @param kept - The buffers that are given back.
 */
export function withoutDeadResults({ calls, buffers }: Recording, kept: readonly number[]): Recording {
  const needed = new Set(kept);
  const need = (value: number | Place): void => {
    if (typeof value !== 'object') return;
    needed.add(value.buffer);
    const buffer = buffers[value.buffer];
    if (buffer?.kind === 'table') for (const word of buffer.words) need(word);
  };
  const isLive = ({ name, arguments: given }: Call): boolean => {
    const written = results[name]?.map((at) => given[at]);
    return written === undefined || written.some((place) => typeof place === 'object' && needed.has(place.buffer));
  };
  // From the end: what a call reads was written before it.
  const live = calls.toReversed().filter((call) => {
    if (!isLive(call)) return false;
    for (const argument of call.arguments) need(argument);
    return true;
  });
  return { calls: live.reverse(), buffers };
}
