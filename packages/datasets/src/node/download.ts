import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Holder, makeFolder, publish, withLock } from '@steppe/files';
import { partOf, releasePart, sizeOfPart } from './part.ts';
import { checkPatience, type Patience } from './patience.ts';
import { grouped, type RemoteFile } from './remote-file.ts';
import { checkRoom, diskError } from './room.ts';
import { type TransferOptions, transfer } from './transfer.ts';
import { TransferError } from './transfer-error.ts';

/** How far a download is. */
export type Progress = {
  readonly file: string;
  /** Bytes so far, those of an earlier try included. */
  readonly received: number;
  readonly total: number;
};

/** How a download goes. */
export type DownloadOptions = Patience & {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Is told in one line that another process downloads the same file, which is then waited for. */
  readonly onWait?: ((text: string) => void) | undefined;
};

const longestWait = 60_000;

/** Completes `part` from one URL, try after try; the reason when that cannot be, undefined once it is whole. */
async function fetchFrom(
  url: string,
  file: RemoteFile,
  part: string,
  { tries, backoff, ...options }: TransferOptions & { readonly tries: number; readonly backoff: number },
): Promise<string | undefined> {
  for (let tried = 1; ; tried += 1) {
    try {
      await transfer(new URL(url), file, part, options);
      return undefined;
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      if (error.discard) await rm(part, { force: true });
      if (!error.again || tried === tries) return `${url} ${error.message}${tried > 1 ? ` (try ${tried})` : ''}`;
      const wait = Math.min(Math.max(backoff * 2 ** (tried - 1), error.wait), longestWait);
      await sleep(wait, undefined, { signal: options.signal }).catch(() => options.signal.throwIfAborted());
    }
  }
}

const whoHolds = (holder: Holder | undefined): string =>
  holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;

/**
 * Fetches a file to `target`, where it appears whole and verified or not at all.
 *
 * One process at a time does this; the others wait for it. What a killed one left is gone on from.
 *
 * @param isThere - Tells whether the file is there already, asked when nobody else downloads it.
 */
export async function download(
  file: RemoteFile,
  target: string,
  options: DownloadOptions = {},
  isThere: () => Promise<boolean> = async () => false,
): Promise<void> {
  const { timeout, ...patience } = checkPatience(options);
  const deadline = AbortSignal.timeout(timeout);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
  const onBytes = (received: number): void => options.onProgress?.({ file: file.name, received, total: file.bytes });
  const onWait = (holder: Holder | undefined): void =>
    options.onWait?.(`waiting for ${whoHolds(holder)}, which downloads ${file.name}`);
  const [folder, part, failures] = [dirname(target), partOf(target), [] as string[]];
  const fetched = async (): Promise<boolean> => {
    if (await isThere()) return true;
    await checkRoom(folder, file.bytes - (await sizeOfPart(part)));
    for (const url of file.urls) {
      signal.throwIfAborted();
      const failure = await fetchFrom(url, file, part, { ...patience, signal, onBytes });
      if (failure === undefined) return publish(part, target).then(() => true);
      failures.push(failure);
    }
    return false;
  };
  try {
    makeFolder(folder);
    const isDone = await withLock(`${target}.lock`, () => fetched().finally(() => releasePart(part)), {
      signal,
      onWait,
    });
    if (isDone) return;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!deadline.aborted) throw diskError(error, folder);
    failures.push(`not done after ${grouped(timeout / 1000)} s (what came is kept: try again to go on from there)`);
  }
  const wanted = `${grouped(file.bytes)} bytes, SHA-256 ${file.sha256}`;
  throw new Error(`Cannot download ${file.name}: ${failures.join('; ')}. Put it at ${target} yourself (${wanted}).`);
}
