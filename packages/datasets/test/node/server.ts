import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

/** A real server on the loopback address that ends with the test. */
export type Server = {
  /** Ends in a slash. */
  readonly url: string;
  /** The Range headers of all requests so far; undefined for none. */
  readonly ranges: readonly (string | undefined)[];
};

export type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

export async function serve(handler: Handler): Promise<Server> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    handler(request, response, ranges.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return { url: `http://127.0.0.1:${address.port}/`, ranges };
}

/** The first byte that a request asks for. */
export const startOf = (request: IncomingMessage): number =>
  Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);

/** Answers as a good file server does: everything, or the rest with 206. */
export function sendFile(bytes: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  sendHead(bytes, request, response);
  response.end(bytes.subarray(startOf(request)));
}

function sendHead(bytes: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  const start = startOf(request);
  if (start > 0) {
    response.statusCode = 206;
    response.setHeader('content-range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`);
  }
  response.setHeader('content-length', bytes.length - start);
  response.setHeader('content-type', 'application/gzip');
}

/** Begins like a good file server and breaks the connection after `most` bytes, once the client has `seen` them (a
 * reset drops the rest). */
export function cutFile(
  bytes: Uint8Array,
  request: IncomingMessage,
  response: ServerResponse,
  most: number,
  seen: () => number,
): void {
  const start = startOf(request);
  sendHead(bytes, request, response);
  response.write(bytes.subarray(start, start + most));
  const watch = setInterval(() => {
    if (seen() < start + most && !response.destroyed) return;
    clearInterval(watch);
    response.socket?.destroy();
  }, 1);
}
