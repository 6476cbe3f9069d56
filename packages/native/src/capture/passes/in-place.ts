import type { Lifetime } from '../plan.ts';
import type { Call, Place, Recording } from '../recording.ts';

/** The first operation of `steppe_binary` that gives another type than it takes: STEPPE_EQUAL of steppe.h. */
const firstOfBool = 16;

/** Whether an operand has the elements of the result in their order: `layout` is what `steppe_binary` takes. */
function isDense(layout: readonly number[], rank: number, operand: 0 | 1): boolean {
  let stride = 1;
  for (let axis = rank - 1; axis >= 0; axis--) {
    const extent = layout[axis] ?? 0;
    if (extent !== 1 && layout[rank * (1 + operand) + axis] !== stride) return false;
    stride *= extent;
  }
  return true;
}

/** The result and the operands in whose place a call may write it, where C allows that of all their elements. */
const whole: Readonly<Partial<Record<Call['name'], readonly [result: number, ...hosts: number[]]>>> = {
  steppe_norm_train_add: [2, 0, 1],
  steppe_norm_moments: [2, 0, 1],
  steppe_norm_train_grad: [6, 1],
  steppe_norm_train_grad_add: [7, 6, 1],
};

/** The result of a call that may be in the place of an operand. */
const resultOf = ({ name, arguments: given }: Call): number | Place | undefined => given[whole[name]?.[0] ?? 4];

/** The operands in whose place a call may write its result, as C allows it (steppe.h). */
function hostsOf({ name, arguments: given }: Call, { buffers }: Recording): readonly Place[] {
  const [, ...hosts] = whole[name] ?? [];
  if (hosts.length > 0) {
    const isAlone = (place: Place): boolean =>
      place.offset === 0 &&
      given.filter((other) => typeof other === 'object' && other.buffer === place.buffer).length === 1;
    return hosts
      .flatMap((at) => given[at] ?? [])
      .filter((place): place is Place => typeof place === 'object' && isAlone(place));
  }
  const [op, , a, b, , rank, layout] = given;
  if (name !== 'steppe_binary' || typeof op !== 'number' || op >= firstOfBool || typeof rank !== 'number') return [];
  const numbers = typeof layout === 'object' ? buffers[layout.buffer] : undefined;
  if (numbers?.kind !== 'numbers') return [];
  const isHost = (place: Place | number | undefined, operand: 0 | 1): place is Place =>
    typeof place === 'object' && place.offset === 0 && isDense(numbers.numbers, rank, operand);
  const mayHold = (place: Place, other: Place | number | undefined, operand: 0 | 1): boolean =>
    typeof other !== 'object' || other.buffer !== place.buffer || isHost(other, operand);
  return [...(isHost(a, 0) && mayHold(a, b, 1) ? [a] : []), ...(isHost(b, 1) && mayHold(b, a, 0) ? [b] : [])];
}

/**
 * Finds the results that can take the place of an operand which nobody reads afterwards: fewer bytes in the arena, and
 * fewer of them to fetch.
 *
 * @param lifetimes - Of the buffers that have a place in the arena.
 * @returns For each such result the buffer whose place it takes, which may have taken another one's.
 */
export function inPlace(recording: Recording, lifetimes: ReadonlyMap<number, Lifetime>): ReadonlyMap<number, number> {
  const taken = new Map<number, number>();
  for (const [index, call] of recording.calls.entries()) {
    const result = resultOf(call);
    if (typeof result !== 'object' || result.offset !== 0) continue;
    const own = lifetimes.get(result.buffer);
    if (own?.first !== index) continue;
    const host = hostsOf(call, recording).find(({ buffer }) => {
      const other = lifetimes.get(buffer);
      return buffer !== result.buffer && other?.last === index && other.bytes === own.bytes;
    });
    if (host) taken.set(result.buffer, host.buffer);
  }
  return taken;
}
