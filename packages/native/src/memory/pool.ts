import type { Address } from '../library.ts';

/** A piece of memory for one tensor: 64-byte aligned, owned by JavaScript. */
export type Block = {
  readonly buffer: ArrayBuffer;
  readonly offset: number;
  /** Bytes, a size class. */
  readonly size: number;
  readonly address: Address;
  /** Refuses to let anybody read the values, of which there are none while calls are recorded. @throws When called. */
  readonly closed?: () => never;
};

/** Addresses from here on are those of a recording, with no memory behind them: no system has memory there. */
export const firstVirtual: Address = 2 ** 50;

/** Who fills a block: a kernel, the values of a tensor that the host makes, or those of one that comes from another
 * backend. */
export type Filler = 'kernel' | 'host' | 'move';

/** Memory by size class: what a tensor gave back is taken again by the next one of its size, so that a training loop
 * neither asks the system for memory nor touches a fresh page after its first step. */
export type Pool = {
  /** A block of at least `bytes`; its contents are whatever was there. While calls are recorded there is no memory behind
   * what kernels fill. @throws When `limit` would be passed. */
  take(bytes: number, filler?: Filler): Block;
  give(block: Block): void;
  /** Gives up what waits to be taken again, but for small pieces. */
  release(): void;
  /** Bytes in use, and bytes that wait to be taken again. */
  usage(): { readonly used: number; readonly idle: number };
  /** Looks for damage, in a pool that watches for it. @throws When something wrote outside of a block; `kernel` is what
   * ran. */
  verify?(kernel: string): void;
};

/** What a pool may hold. */
export type PoolOptions = {
  /** Bytes in use at most; a tensor over it is an error. */
  readonly limit: number;
  /** Bytes that may wait at most; above it the sizes that were not asked for the longest are given up. */
  readonly cap: number;
  readonly addressOf: (view: Uint8Array) => Address;
  /** Asks for large pages behind memory that nobody has touched yet: passes over small ones wait for addresses. */
  readonly onLargePages?: (address: Address, bytes: number) => void;
};

const alignment = 64;
const slabBytes = 1 << 20;
const slabbed = 1 << 15;
/** What is smaller spans no large page. */
const large = 1 << 21;

/** The size of the block that holds `bytes`: the next of eight steps between powers of two. */
export function sizeClass(bytes: number): number {
  if (bytes <= 512) return Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
  const step = 2 ** (Math.floor(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / step) * step;
}

/** Makes an empty pool. */
export function createPool({ limit, cap, addressOf, onLargePages }: PoolOptions): Pool {
  const shelves = new Map<number, { readonly blocks: Block[]; lastUse: number }>();
  let used = 0;
  let idle = 0;
  let clock = 0;
  let slab: { buffer: ArrayBuffer; address: Address; next: number } | undefined;

  const allocate = (bytes: number): { buffer: ArrayBuffer; offset: number; address: Address } => {
    const buffer = new ArrayBuffer(bytes + alignment);
    const start = addressOf(new Uint8Array(buffer));
    const offset = (alignment - (start % alignment)) % alignment;
    return { buffer, offset, address: start + offset };
  };
  const carve = (size: number): Block => {
    if (!slab || slab.next + size > slabBytes) {
      const { buffer, offset, address } = allocate(slabBytes);
      slab = { buffer, address: address - offset, next: offset };
    }
    const block = { buffer: slab.buffer, offset: slab.next, size, address: slab.address + slab.next };
    slab.next += size;
    return block;
  };
  const evict = (most: number): void => {
    const oldest = [...shelves].filter(([size]) => size > slabbed).sort(([, a], [, b]) => a.lastUse - b.lastUse);
    for (const [size, { blocks }] of oldest) {
      if (idle <= most) return;
      idle -= size * blocks.length;
      shelves.delete(size);
    }
  };
  const fresh = (size: number): Block => {
    if (size <= slabbed) return carve(size);
    try {
      const block = { ...allocate(size), size };
      if (size >= large) onLargePages?.(block.address, size);
      return block;
    } catch (cause) {
      shelves.clear();
      idle = 0;
      throw new Error(outOfMemory(size, used), { cause });
    }
  };

  return {
    take: (bytes) => {
      const size = sizeClass(bytes);
      const shelf = shelves.get(size);
      if (shelf) shelf.lastUse = ++clock;
      let block = shelf?.blocks.pop();
      if (block) idle -= size;
      else {
        if (used + size > limit) throw new Error(outOfMemory(size, used));
        block = fresh(size);
      }
      used += size;
      return block;
    },
    give: (block) => {
      const shelf = shelves.get(block.size);
      if (shelf) shelf.blocks.push(block);
      else shelves.set(block.size, { blocks: [block], lastUse: ++clock });
      used -= block.size;
      idle += block.size;
      if (idle > cap) evict(cap);
    },
    release: () => evict(0),
    usage: () => ({ used, idle }),
  };
}

/** What is wrong when a tensor does not fit any more, and what to do. */
export function outOfMemory(size: number, used: number): string {
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  return `Out of memory: a tensor of ${mebibytes(size)} MiB does not fit beside the ${mebibytes(used)} MiB in use: dispose tensors (tf.tidy), or use a smaller batch.`;
}
