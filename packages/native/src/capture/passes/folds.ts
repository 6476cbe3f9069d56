import type { Buffer, Call, Place, Recording } from '../recording.ts';
import { effectsOf } from './effects.ts';

type Argument = number | Place;

/** A normalization in parts: what is normalized, and the calls that leave only its factors and shifts to be applied. */
type Norm = {
  readonly x: Place;
  readonly y: Place;
  readonly channels: number;
  readonly relu: number;
  readonly parts: (factor: Place, shift: Place) => readonly Call[];
};

const isPlace = (value: Argument | undefined): value is Place => typeof value === 'object';

/** Reads a call as a normalization of some rows by their own statistics. */
function normOf({ name, arguments: given, kernel }: Call): Norm | undefined {
  const isSum = name === 'steppe_norm_train_add';
  if (!isSum && name !== 'steppe_norm_train') return undefined;
  const [rows, channels, epsilon, relu] = given.slice(-4) as readonly number[] as [number, number, number, number];
  const summed = given.slice(0, isSum ? 3 : 1);
  const [scale, offset, y, mean, variance] = given.slice(summed.length) as [Argument, Argument, ...Argument[]];
  const x = summed.at(-1);
  if (!isPlace(x) || !isPlace(y) || !isPlace(mean) || !isPlace(variance) || rows * channels === 0) return undefined;
  const moments = [...(isSum ? summed : [x, 0, 0]), mean, variance, rows, channels];
  const parts = (factor: Place, shift: Place): readonly Call[] => [
    { name: 'steppe_norm_moments', arguments: moments, kernel },
    {
      name: 'steppe_norm_terms',
      arguments: [mean, variance, scale, offset, factor, shift, channels, epsilon],
      kernel,
    },
  ];
  return { x, y, channels, relu, parts };
}

/** The words of `steppe_conv_fusion` that a convolution takes, if it can change what it reads and does not yet. */
function fusionOf({ name, arguments: given }: Call, { y, channels }: Norm, buffers: readonly Buffer[]) {
  if (name !== 'steppe_conv2d' && name !== 'steppe_conv2d_filter_grad') return undefined;
  const [x, , , window, fusion] = given;
  const numbers = isPlace(window) ? buffers[window.buffer] : undefined;
  if (!isPlace(x) || x.buffer !== y.buffer || x.offset !== 0 || y.offset !== 0 || numbers?.kind !== 'numbers')
    return undefined;
  // Only in float32, which is the last number.
  if (numbers.numbers[3] !== channels || numbers.numbers.at(-1) !== 0) return undefined;
  const table = isPlace(fusion) ? buffers[fusion.buffer] : undefined;
  const words: readonly Argument[] = table?.kind === 'table' ? table.words : [0, 0, 0, 0, 0];
  const flags = words[4];
  const isOther = [...given.slice(1), ...words].every((place) => !isPlace(place) || place.buffer !== y.buffer);
  return isOther && words[0] === 0 && typeof flags === 'number' && flags % 2 === 0 ? words : undefined;
}

/**
 * Normalizes where convolutions read: each makes relu(x · factor + shift) of what it reads, and so does its filter's
 * gradient; the normalized images are not written, kept and read. The bits stay the same. Given statistics are applied as
 * (x - mean) · factor, which would round otherwise here, and stay as they are.
 *
 * @param kept - The buffers that are given back.
 */
export function withFolds({ calls, buffers }: Recording, kept: readonly number[]): Recording {
  const effects = calls.map((call) => effectsOf(call, buffers));
  const uses = new Map<number, number[]>();
  for (const [at, { reads, writes }] of effects.entries())
    for (const buffer of new Set([...reads, ...writes])) {
      const list = uses.get(buffer);
      if (list) list.push(at);
      else uses.set(buffer, [at]);
    }
  const added: Buffer[] = [];
  const add = (buffer: Buffer): Place => ({ buffer: buffers.length + added.push(buffer) - 1, offset: 0 });
  const replaced = new Map<number, readonly Call[]>();
  for (const [at, call] of calls.entries()) {
    const norm = normOf(call);
    if (!norm || buffers[norm.y.buffer]?.kind !== 'internal' || kept.includes(norm.y.buffer)) continue;
    const readers = (uses.get(norm.y.buffer) ?? []).filter((use) => use !== at);
    const fusions = readers.map((reader) => fusionOf(calls[reader] as Call, norm, buffers));
    const last = readers.at(-1) ?? 0;
    const isChanged = effects.slice(at + 1, last + 1).some(({ writes }) => writes.has(norm.x.buffer));
    if ((readers[0] ?? 0) <= at || isChanged || fusions.includes(undefined)) continue;
    const [factor, shift] = [0, 1].map(() => add({ kind: 'internal', bytes: norm.channels * 4 })) as [Place, Place];
    replaced.set(at, norm.parts(factor, shift));
    for (const [i, reader] of readers.entries()) {
      const [, , bias = 0, residual = 0, flags = 0] = fusions[i] ?? [];
      const words = [factor, shift, bias, residual, Number(flags) + norm.relu];
      const { arguments: given, ...rest } = calls[reader] as Call;
      replaced.set(reader, [
        {
          ...rest,
          arguments: [norm.x, ...given.slice(1, 4), add({ kind: 'table', bytes: 40, words }), ...given.slice(5)],
        },
      ]);
    }
  }
  return { calls: calls.flatMap((call, at) => replaced.get(at) ?? call), buffers: [...buffers, ...added] };
}
