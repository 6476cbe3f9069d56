import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Built, filesOf } from './build.ts';

/** A static file server on loopback. */
export type Served = {
  /** The address of the folder, deep in the server. */
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
};

const types: { readonly [extension: string]: string } = {
  css: 'text/css',
  html: 'text/html',
  js: 'text/javascript',
  wasm: 'application/wasm',
};

const path = '/deep/in/a/site/';

/** Serves a built folder below a path; anything else is not found. */
export async function serve({ folder }: Built): Promise<Served> {
  const files = filesOf(folder);
  const server = createServer(({ url = '' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const name = pathname.startsWith(path) ? pathname.slice(path.length) || 'index.html' : '';
    const bytes = files.get(name);
    response.writeHead(bytes ? 200 : 404, {
      'content-type': types[name.replace(/^.*\./, '')] ?? 'application/octet-stream',
    });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
