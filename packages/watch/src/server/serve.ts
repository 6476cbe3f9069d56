import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { getRequestListener } from '@hono/node-server';
import { checkOptions } from '@steppe/check';
import { watchRuns } from '../runs/watch-runs.ts';
import { makeApp } from './app.ts';
import { loadAssets } from './assets.ts';
import { openEvents } from './events.ts';
import { openFeed } from './feed.ts';
import { isLoopback } from './guard.ts';
import { listenNear } from './listen.ts';

/** Where the page is served, and to whom. */
export type ServeOptions = {
  /**
   * The port; where it is taken, one of the next 20. 0 is any that is free.
   *
   * @defaultValue 6060
   */
  readonly port?: number;
  /**
   * The address to listen on; `0.0.0.0` is any of this machine. Others than this machine's own need a token.
   *
   * @defaultValue '127.0.0.1'
   */
  readonly host?: string;
  /** A secret of at least 16 characters that a reader must know. */
  readonly token?: string | undefined;
  /** Ends the serving. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Gets the line that tells of a port that is taken.
   *
   * @defaultValue `process.emitWarning`
   */
  readonly warn?: (message: string) => void;
};

/** A page that is being served. */
export type Served = {
  /** What to open in a browser; holds the token, where there is one. */
  readonly url: string;
  readonly port: number;
  /** How many pages are open. */
  readers(): number;
  close(): Promise<void>;
};

function check({ port = 0, host = '127.0.0.1', token }: ServeOptions): void {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`port must be a whole number from 0 to 65535, got ${port}.`);
  if (token !== undefined && token.length < 16)
    throw new Error(`token must have at least 16 characters, got ${token.length}.`);
  if (host.trim() === '') throw new Error('host must be an address, got an empty one: leave it out for 127.0.0.1.');
  if (!isLoopback(host) && token === undefined)
    throw new Error(`host ${host} can be reached from other machines: give a token too.`);
}

/**
 * Serves a page that shows the runs in a folder, live and finished.
 *
 * It listens on this machine only, unless told otherwise, and answers only to its own names and pages: no other site
 * that is open in the same browser can read it. It reads; nothing can be changed by it.
 *
 * @throws When the folder is not there, an option is wrong, or no port is free.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { serve } from '@steppe/watch';
 *
 * const served = await serve(await mkdtemp(join(tmpdir(), 'steppe-')), { port: 0 });
 * console.log((await fetch(served.url)).status); // => 200
 * await served.close();
 * ```
 */
export async function serve(folder: string, options: ServeOptions = {}): Promise<Served> {
  checkOptions('serve', options, ['port', 'host', 'token', 'signal', 'warn']);
  check(options);
  const { port = 6060, host = '127.0.0.1', token, signal, warn = process.emitWarning } = options;
  signal?.throwIfAborted();
  const watched = watchRuns(folder);
  await watched.look(0);
  const feed = openFeed(watched);
  const events = openEvents(feed);
  const app = makeApp({ watched, feed, events, assets: await loadAssets(), host, token });
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer(
    // A request that trickles in, or brings more headers than any browser, is none of a reader.
    { maxHeaderSize: 8192, headersTimeout: 10_000, requestTimeout: 20_000 },
    (request, response) => void answer(request, response),
  );
  server.maxConnections = 2000;
  await listenNear(server, port, host, warn);

  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  signal?.addEventListener('abort', () => void close(), { once: true });
  const bound = (server.address() as AddressInfo).port;
  const shown = host === '0.0.0.0' || host === '::' ? hostname() : host.includes(':') ? `[${host}]` : host;
  const url = `http://${shown}:${bound}/${token === undefined ? '' : `?token=${encodeURIComponent(token)}`}`;
  return { url, port: bound, readers: events.readers, close };
}
