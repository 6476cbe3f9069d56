import { get as getPlain, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { get as getSecure } from 'node:https';
import { TransferError } from './transfer-error.ts';

const redirects = new Set([301, 302, 303, 307, 308]);

const once = (url: URL, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<IncomingMessage> => {
  const get = { 'http:': getPlain, 'https:': getSecure }[url.protocol];
  if (get === undefined) throw new TransferError(`leads to ${url.protocol}, only http: and https: are followed`);
  return new Promise((resolve, reject) => {
    // The checksum is that of the bytes on the wire, which `fetch` would unpack: hence node:http, and no agent that
    // keeps sockets.
    get(url, { headers: { 'user-agent': 'steppe-datasets', ...headers }, signal, agent: false }, resolve).on(
      'error',
      reject,
    );
  });
};

/** Asks for a URL and follows up to `hops` redirects; the body of the answer has not been read yet. */
export async function request(
  url: URL,
  headers: OutgoingHttpHeaders,
  signal: AbortSignal,
  hops = 5,
): Promise<IncomingMessage> {
  const response = await once(url, headers, signal);
  const { location } = response.headers;
  if (!redirects.has(response.statusCode ?? 0) || location === undefined) return response;
  response.destroy();
  if (hops === 0) throw new TransferError('redirects in a loop');
  if (!URL.canParse(location, url)) throw new TransferError(`redirects to "${location}", which is no URL`);
  return request(new URL(location, url), headers, signal, hops - 1);
}
