import type { Server } from 'node:http';

/** How many ports are tried after one that is taken. */
const spare = 20;

/** Listens on a port; tells whether it was free. */
const listen = (server: Server, port: number, host: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(new Error(`${host}:${port} cannot be listened on (${error.code}).`, { cause: error }));
    };
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve(true);
    });
  });

/**
 * Listens on a port, or on the next one that is free.
 *
 * @param warn - Told of each that is taken.
 * @throws When none of 21 ports is free, or the address cannot be listened on.
 */
export async function listenNear(
  server: Server,
  port: number,
  host: string,
  warn: (message: string) => void,
): Promise<void> {
  const last = Math.min(port + spare, 65_535);
  for (let tried = port; tried <= last; tried++) {
    if (await listen(server, tried, host)) return;
    if (tried < last) warn(`Port ${tried} is taken: trying ${tried + 1}.`);
  }
  throw new Error(`The ports from ${port} to ${last} are all taken: name another one.`);
}
