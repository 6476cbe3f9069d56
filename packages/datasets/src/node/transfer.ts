import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { bodyOffset } from './answer.ts';
import { openPart } from './part.ts';
import { grouped, type RemoteFile } from './remote-file.ts';
import { request } from './request.ts';
import { TransferError } from './transfer-error.ts';
import { watch } from './watch.ts';

/** What a try needs beside the URL and the file. */
export type TransferOptions = {
  readonly signal: AbortSignal;
  /** Milliseconds without a byte after which a server counts as stalled. */
  readonly stallTimeout: number;
  readonly onBytes: (received: number) => void;
};

/** Passes on the chunks of a body; only the network's errors become `TransferError`s, not those of whoever uses the
 * chunks. */
async function* chunks(response: IncomingMessage, failed: (cause: unknown) => never): AsyncGenerator<Buffer> {
  try {
    yield* response as AsyncIterable<Buffer>;
  } catch (cause) {
    failed(cause);
  }
}

/** Hashes what the handle holds: the name may stand for another file by now. */
async function hashOf(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Fetches the bytes of `file` that `handle` does not hold yet and returns how many it had; never writes past the known
 * size. */
async function fetchRest(url: URL, file: RemoteFile, handle: FileHandle, options: TransferOptions): Promise<number> {
  const { size } = await handle.stat();
  if (size >= file.bytes) return size;
  const guard = watch(options.stallTimeout, options.signal);
  const failed = (cause: unknown): never => {
    options.signal.throwIfAborted();
    if (cause instanceof TransferError) throw cause;
    if (guard.stalled()) throw new TransferError(`sent nothing for ${options.stallTimeout / 1000} s`, { again: true });
    throw new TransferError((cause as Error).message, { again: true, cause });
  };
  try {
    const headers = { 'accept-encoding': 'identity', ...(size > 0 && { range: `bytes=${size}-` }) };
    const response = await request(url, headers, guard.signal).catch(failed);
    try {
      const start = bodyOffset(response, size, file);
      await handle.truncate(start);
      let received = start;
      for await (const chunk of chunks(response, failed)) {
        guard.alive();
        if (received + chunk.length > file.bytes)
          throw new TransferError(`sends more than the expected ${grouped(file.bytes)} bytes`, { discard: true });
        await handle.write(chunk, 0, chunk.length, received);
        received += chunk.length;
        options.onBytes(received);
      }
      if (received < file.bytes)
        throw new TransferError(`ended after ${grouped(received)} of ${grouped(file.bytes)} bytes`, { again: true });
      return start;
    } finally {
      response.destroy();
    }
  } finally {
    guard.stop();
  }
}

/** Tries once to complete the partial file `part`; on return it is the whole file, has the right SHA-256 and is on the
 * disk. */
export async function transfer(url: URL, file: RemoteFile, part: string, options: TransferOptions): Promise<void> {
  const handle = await openPart(part);
  try {
    const had = await fetchRest(url, file, handle, options);
    const hash = await hashOf(handle);
    if (hash !== file.sha256)
      // A file that came whole is the server's own; one that was resumed may have had a bad beginning.
      throw new TransferError(`has the SHA-256 ${hash}, expected ${file.sha256}`, { again: had > 0, discard: true });
    await handle.sync();
  } finally {
    await handle.close();
  }
}
