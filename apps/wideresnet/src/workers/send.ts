import type { World } from '@steppe/distributed';
import { deserialize, type Plain, serialize, type Tree } from '@steppe/tree';

/** Bytes in a message of MPI, which counts them in 32 bits. */
const most = 2 ** 30;

/** Gives all ranks the bytes that the first one has. */
function broadcastBytes(workers: World, bytes: Uint8Array = new Uint8Array(0)): Uint8Array {
  const [length = 0] = workers.broadcast(Float64Array.of(bytes.byteLength));
  const all = workers.rank === 0 ? bytes : new Uint8Array(length);
  for (let at = 0; at < length; at += most) workers.broadcast(all.subarray(at, at + most));
  return all;
}

/** What the first rank tells the others. */
export type Told = { readonly tree: Tree; readonly plain: Plain };

/** Tells all other ranks a tree and plain data; they `hear` it. */
export async function tellOthers(workers: World, { tree, plain }: Told): Promise<void> {
  if (workers.size > 1) broadcastBytes(workers, await serialize(tree, plain));
}

/** Hears what the first rank tells. */
export async function hear(workers: World): Promise<Told> {
  const { tree, metadata } = await deserialize(broadcastBytes(workers));
  return { tree, plain: metadata };
}
