import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { serve } from '@steppe/watch';
import { print } from '../report/print.ts';
import { onInterrupt } from '../run/interrupt.ts';
import { CommandError, exitCode } from './exit-codes.ts';

/** What `steppe watch` is asked for. */
export type WatchOptions = {
  readonly folder: string;
  /** As it was typed. */
  readonly port?: string | undefined;
  readonly host?: string | undefined;
};

/** What only this machine can reach; anything else needs a token. */
const ownAddresses: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

function portOf(text: string): number {
  const port = Number(text);
  if (text.trim() !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new CommandError(`--port must be a whole number from 0 to 65535, got ${text}.`);
}

/** Serves the page until a signal comes: to end it is what one does with it, so that is no failure. */
export async function watchCommand({ folder, port, host }: WatchOptions): Promise<number> {
  if (host?.trim() === '')
    throw new CommandError('--host must be an address, got an empty one: leave it out for 127.0.0.1.');
  const chosen = port === undefined ? {} : { port: portOf(port) };
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory())
    throw new CommandError(
      `There is no folder ${folder} to watch: train first (steppe train), or name the folder of the runs.`,
    );
  const note = (text: string): void => print(process.stderr, `steppe: ${text}`);
  const open = host !== undefined && !ownAddresses.includes(host);
  const served = await serve(folder, {
    ...chosen,
    ...(host !== undefined && { host }),
    ...(open && { token: randomBytes(24).toString('base64url') }),
    warn: note,
  }).catch((cause: Error) => {
    throw new CommandError(cause.message, exitCode.unavailable, { cause });
  });
  print(process.stdout, `Watching ${folder}: ${served.url}`);
  print(process.stdout, open ? 'Whoever has this address can read the runs. Ctrl-C ends it.' : 'Ctrl-C ends it.');
  const interrupt = onInterrupt(() => undefined);
  await new Promise((resolve) => interrupt.signal.addEventListener('abort', resolve));
  await served.close();
  return exitCode.ok;
}
