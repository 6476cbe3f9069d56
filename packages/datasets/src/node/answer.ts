import type { IncomingMessage } from 'node:http';
import { grouped, type RemoteFile } from './remote-file.ts';
import { TransferError } from './transfer-error.ts';

const busy: ReadonlySet<number | undefined> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Reads the seconds of a Retry-After header; the form with a date counts as not given. */
const retryAfter = (value = ''): number => (/^\d{1,6}$/.test(value) ? Number(value) * 1000 : 0);

/**
 * Tells at which offset of the file the body of an answer begins: `offset` when the server resumes, 0 when it sends
 * everything.
 *
 * An answer that cannot be the rest of the file is refused before a byte of it is written.
 */
export function bodyOffset({ statusCode, headers }: IncomingMessage, offset: number, file: RemoteFile): number {
  if (busy.has(statusCode))
    throw new TransferError(`answered ${statusCode}`, { again: true, wait: retryAfter(headers['retry-after']) });
  if (statusCode === 416) throw new TransferError('answered 416 (nothing to resume)', { again: true, discard: true });
  if (statusCode !== 200 && statusCode !== 206) throw new TransferError(`answered ${statusCode}`);
  if (headers['content-type']?.startsWith('text/html'))
    throw new TransferError('answered with an HTML page instead of the file (a login page?)');
  const start = statusCode === 200 ? 0 : offset;
  const range = headers['content-range'];
  if (statusCode === 206 && range?.startsWith(`bytes ${start}-`) !== true)
    throw new TransferError(`resumed at "${range}", asked for byte ${start}`, { again: true, discard: true });
  const length = headers['content-length'];
  const total = start + Number(length ?? file.bytes - start);
  if (total !== file.bytes) throw new TransferError(`offers ${grouped(total)} bytes, expected ${grouped(file.bytes)}`);
  return start;
}
