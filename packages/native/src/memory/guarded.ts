import { printable } from '@steppe/files';
import { SettingError } from '../build/setting-error.ts';
import { type Block, outOfMemory, type Pool, type PoolOptions } from './pool.ts';

/** How `STEPPE_DEBUG` has memory watched. */
export type Debug = 'canaries' | 'separate';

/** Reads the value of `STEPPE_DEBUG`; `undefined` where nothing is watched. @throws When there is no such way: a
 * `SettingError`. */
export function debugOf(value: string | undefined): Debug | undefined {
  if (!value) return undefined;
  if (value === 'canaries' || value === 'separate') return value;
  throw new SettingError('STEPPE_DEBUG', `must be canaries or separate, got ${printable(value)}.`);
}

/** Bytes of a guard: whole cache lines keep what is between two guards aligned. */
const guardBytes = 64;
/** Fills guards, and memory that holds nothing yet or nothing any more: as a float it is -4e37, as an int32 -37
 * million. */
const canary = 0xfd;

/** Makes a pool in which every block has memory of its own, of exactly the bytes that were asked for, and none is taken
 * twice.
 *
 * With `canaries` there is a guard before and after each, and `verify` finds out who wrote to one. With `separate`
 * there are none: red zones of an address sanitizer, or valgrind, must be able to stand right behind the last byte. */
export function createGuardedPool({ limit, addressOf }: Omit<PoolOptions, 'cap'>, debug: Debug): Pool {
  const guard = debug === 'canaries' ? guardBytes : 0;
  const live = new Set<Block>();
  let used = 0;
  let damage: string | undefined;

  const guardsOf = ({ buffer, offset, size }: Block): readonly Uint8Array[] => [
    new Uint8Array(buffer, offset - guard, guard),
    new Uint8Array(buffer, offset + size, guard),
  ];
  const inspect = (block: Block): void => {
    for (const [i, bytes] of guardsOf(block).entries()) {
      if (bytes.every((byte) => byte === canary)) continue;
      damage ??= `${i === 0 ? 'before the start' : 'past the end'} of a tensor of ${block.size} bytes`;
      bytes.fill(canary); // told once
    }
  };

  const pool: Pool = {
    take: (bytes) => {
      if (used + bytes > limit) throw new Error(outOfMemory(bytes, used));
      const buffer = new ArrayBuffer(Math.max(1, bytes) + 2 * guard + (guard ? guardBytes : 0));
      const start = addressOf(new Uint8Array(buffer));
      const offset = guard ? guard + ((guardBytes - (start % guardBytes)) % guardBytes) : 0;
      const block = { buffer, offset, size: bytes, address: start + offset };
      used += bytes;
      if (guard) {
        new Uint8Array(buffer).fill(canary);
        live.add(block);
      }
      return block;
    },
    give: (block) => {
      used -= block.size;
      if (!guard) return;
      inspect(block);
      live.delete(block);
      new Uint8Array(block.buffer, block.offset, block.size).fill(canary);
    },
    release: () => {},
    usage: () => ({ used, idle: 0 }),
  };
  const verify = (kernel: string): void => {
    for (const block of live) inspect(block);
    if (damage === undefined) return;
    const where = damage;
    damage = undefined;
    throw new Error(`${kernel} wrote ${where}: this is a bug in its C code, please report it with the call.`);
  };
  return guard ? { ...pool, verify } : pool;
}
