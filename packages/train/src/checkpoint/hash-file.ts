import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const script = new URL('../../worker/sha256.mjs', import.meta.url);

/**
 * Gives the SHA-256 of what a file holds from a byte on, in hexadecimal, computed on another thread.
 *
 * @throws When the file cannot be read.
 */
export async function hashFile(file: string, from: number): Promise<string> {
  const worker = new Worker(script, { workerData: { file, from }, execArgv: [] });
  const [digest] = await once(worker, 'message');
  return digest;
}

/** Gives the SHA-256 of pieces of memory, one after another, in hexadecimal. */
export function hashPieces(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
