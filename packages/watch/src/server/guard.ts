import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

/** Who may ask. */
export type Guarded = {
  /** What the server listens on. */
  readonly host: string;
  /** What a request must know where others than this machine can ask. */
  readonly token: string | undefined;
};

type Bound = { Bindings: HttpBindings };

const loopback: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

/** Whether only this machine can reach an address. */
export const isLoopback = (host: string): boolean => loopback.includes(host);

/** The name or the address in a Host header, without port and brackets. */
const nameIn = (header: string): string =>
  header
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();

/**
 * Whether a Host header names this server. A page of another site can make its own name lead here (DNS rebinding), but
 * the browser still sends that name; an address cannot be rebound.
 */
function isOurs(header: string, host: string): boolean {
  const name = nameIn(header);
  if (isLoopback(host)) return isLoopback(name);
  return isLoopback(name) || isIP(name) > 0 || [host, hostname()].some((own) => own.toLowerCase() === name);
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Refuses a request and its connection: what else it may hold, such as a body, is never read. */
function refuse(context: Context<Bound>, status: 400 | 401 | 403 | 405 | 413 | 421, why: string): Response {
  context.header('Connection', 'close');
  if (status === 405) context.header('Allow', 'GET, HEAD');
  return context.text(`${why}\n`, status);
}

/** Lets only readers pass that ask this server itself, from a page of its own or from none. */
export function guard({ host, token }: Guarded): MiddlewareHandler<Bound> {
  return async (context, next) => {
    const { incoming } = context.env;
    const { host: asked, origin, 'sec-fetch-site': site, authorization } = incoming.headers;
    if (asked === undefined) return refuse(context, 400, 'A request needs a Host header.');
    if (!isOurs(asked, host) || /^https?:/i.test(incoming.url ?? ''))
      return refuse(context, 421, 'This server does not answer to that name: use the address that it printed.');
    if (origin !== undefined && origin.toLowerCase() !== `http://${asked.toLowerCase()}`)
      return refuse(context, 403, 'Pages of other sites may not read this one.');
    if (site !== undefined && site !== 'same-origin' && site !== 'none')
      return refuse(context, 403, 'Other sites may not lead here: open the address by hand.');
    if (incoming.method !== 'GET' && incoming.method !== 'HEAD')
      return refuse(context, 405, 'There is nothing here but to read.');
    if (incoming.headers['transfer-encoding'] !== undefined || Number(incoming.headers['content-length'] ?? 0) > 0)
      return refuse(context, 413, 'A request to read has no body.');
    if (token === undefined) return next();

    // Cookies do not tell ports apart.
    const cookie = `steppe-watch-${incoming.socket.localPort}`;
    const shown = context.req.query('token');
    if (shown !== undefined && isSame(shown, token)) {
      setCookie(context, cookie, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
      const url = new URL(context.req.url);
      url.searchParams.delete('token');
      return context.redirect(`${url.pathname.replace(/^\/+/, '/')}${url.search}`);
    }
    const known = getCookie(context, cookie) ?? authorization?.replace(/^Bearer /i, '') ?? '';
    if (isSame(known, token)) return next();
    return refuse(context, 401, 'This needs its token: open the whole address that was printed.');
  };
}
