import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packagesBuilt } from '../../../tools/vitest/packages-built.ts';
import { type Served, serve } from '../src/server/serve.ts';
import { request, sent, statusOf } from './support/raw.ts';
import { append, makeRun, newFolder, stepLines } from './support/runs.ts';

let served: Served;
let folder: string;

beforeAll(async () => {
  await packagesBuilt();
  folder = makeRun(newFolder(afterAll), stepLines(1, 5));
  makeRun(join(folder, '<script>alert(1)<'), stepLines(1, 2));
  served = await serve(folder, { port: 0 });
});
afterAll(() => served?.close());

const ask = (path: string, headers: readonly string[] = [], method = 'GET'): Promise<string> =>
  sent(served.port, request(served.port, path, headers, method));
const status = async (...asked: Parameters<typeof ask>): Promise<number> => statusOf(await ask(...asked));

describe('what the server gives', () => {
  test('is the page, its modules and style sheets, the runs and their curves', async () => {
    const html = await ask('/');
    expect(html).toContain('<script type="module" src="/page/main.js">');
    for (const path of ['/page/main.js', '/lib/preact.js', '/lib/uplot.js', '/style.css', '/icon.svg', '/api/runs'])
      expect(await status(path)).toBe(200);
    expect(await ask('/api/curves?run=.&points=3&have=0.1,2,train')).toContain('"step":[2,4,5]');
    expect(await ask('/api/curves?run=.&have=0.1,4,train')).toContain('"from":4,"stride":1,"step":[5]');
    expect(await status('/api/curves?run=..')).toBe(404);
  });

  test('lets no script run but those of the page, and no other site frame it', async () => {
    for (const path of ['/', '/api/runs', '/none']) {
      const answer = await ask(path);
      expect(answer).toMatch(/content-security-policy: default-src 'self'; script-src 'self' 'sha256-[\w+/]+='/i);
      expect(answer).toMatch(/frame-ancestors 'none'/);
      expect(answer).toMatch(/x-content-type-options: nosniff/i);
      expect(answer).toMatch(/cross-origin-resource-policy: same-origin/i);
    }
  });
});

describe('what the server refuses', () => {
  test.each([
    '/../package.json',
    '/%2e%2e/package.json',
    '/page/..%2fassets.js',
    '/page/%5c..%5cpackage.json',
    '/page/../../server/serve.js',
    '//etc/passwd',
    '/page/main.js%00',
    '/metrics.jsonl',
    '/page/main.js.map',
    '/%',
  ])('the path %s: there is no such file', async (path) => {
    expect(await status(path)).toBe(404);
  });

  test('a request to another name, to none, or for another server', async () => {
    const { port } = served;
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', '10.0.0.1'])
      expect(statusOf(await sent(port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))).toBe(421);
    expect(statusOf(await sent(port, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'))).toBe(400);
    expect(statusOf(await sent(port, 'GET / HTTP/1.0\r\n\r\n'))).toBe(400);
    expect(await status('http://evil.example/')).toBe(421);
    expect(statusOf(await sent(port, 'GET / HTTP/1.1\r\nHost: localhost:9\r\nConnection: close\r\n\r\n'))).toBe(200);
  });

  test('a request that another site makes', async () => {
    const own = `http://127.0.0.1:${served.port}`;
    expect(await status('/api/runs', [`Origin: ${own}`, 'Sec-Fetch-Site: same-origin'])).toBe(200);
    expect(await status('/', ['Sec-Fetch-Site: none'])).toBe(200);
    for (const origin of ['http://evil.example', 'null', `http://127.0.0.1:${served.port + 1}`, `${own}.evil.example`])
      expect(await status('/api/runs', [`Origin: ${origin}`])).toBe(403);
    for (const site of ['cross-site', 'same-site']) expect(await status('/', [`Sec-Fetch-Site: ${site}`])).toBe(403);
  });

  test('every method but reading', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])
      expect(await status('/', [], method)).toBe(405);
    expect(await ask('/', [], 'HEAD')).toMatch(/^HTTP\/1\.1 200/);
  });

  test('a body, of which it reads next to nothing', async () => {
    const megabytes = 10_000_000;
    const body = 'x'.repeat(megabytes);
    for (const [method, code] of [
      ['GET', 413],
      ['POST', 405],
    ] as const) {
      const answer = await ask('/', [`Content-Length: ${megabytes}`, '', body], method);
      // The connection may be reset before the answer is read; an answer is the refusal.
      if (answer !== '') expect(statusOf(answer)).toBe(code);
      expect(statusOf(await ask('/', [`Content-Length: ${megabytes}`], method))).toBe(code);
    }
    expect(statusOf(await ask('/', ['Transfer-Encoding: chunked', '', '5\r\nhello\r\n0']))).toBe(413);
  });

  test('headers of 20 KB, and what is no HTTP', async () => {
    expect(await status('/', [`X-Long: ${'x'.repeat(20_000)}`])).toBe(431);
    expect(await status(`/?${'x'.repeat(20_000)}`)).toBe(431);
    expect(statusOf(await sent(served.port, '\x16\x03\x01 no HTTP\r\n\r\n'))).toBe(400);
  });

  test('connections from other machines, unless it is told to listen to them', async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses = []) => addresses)
      .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
    if (outside !== undefined) expect(await sent(served.port, request(served.port, '/'), outside)).toBe('');
    await expect(serve(folder, { host: '' })).rejects.toThrow('host must be an address, got an empty one');
    await expect(serve(folder, { host: '0.0.0.0' })).rejects.toThrow(
      'host 0.0.0.0 can be reached from other machines: give a token too.',
    );
  });
});

describe('a server that others can reach', () => {
  test('answers those who know the token, to its addresses and never to a foreign name', async () => {
    const token = 'a-token-of-many-letters';
    const open = await serve(folder, { port: 0, host: '0.0.0.0', token });
    try {
      const get = (path: string, headers: readonly string[] = []) => sent(open.port, request(open.port, path, headers));
      expect(open.url).toContain(`/?token=${token}`);
      expect(statusOf(await get('/'))).toBe(401);
      expect(statusOf(await get('/api/runs?token=another-of-many-letters'))).toBe(401);
      expect(statusOf(await get('/', [`Authorization: Bearer ${token}`]))).toBe(200);
      const entered = await get(`/?token=${token}`);
      expect(statusOf(entered)).toBe(302);
      expect(entered).toMatch(/\r\nlocation: \/\r\n/i);
      const [, cookie] = /set-cookie: ([^;]+); Path=\/; HttpOnly; SameSite=Strict/i.exec(entered) ?? [];
      expect(statusOf(await get('/', [`Cookie: ${cookie}`]))).toBe(200);
      const named = (host: string) =>
        sent(open.port, `GET /?token=${token} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(statusOf(await named('192.168.0.7:6060'))).toBe(302);
      expect(statusOf(await named('evil.example'))).toBe(421);
      expect(statusOf(await get('/', ['Authorization: Bearer ', 'Sec-Fetch-Site: cross-site']))).toBe(403);
    } finally {
      await open.close();
    }
  });
});

describe('ports', () => {
  const taken = async (): Promise<Server> => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };

  test('that are taken are told of, and the next is tried', async () => {
    const other = await taken();
    const { port } = other.address() as AddressInfo;
    const told: string[] = [];
    const second = await serve(folder, { port, warn: (message) => told.push(message) });
    expect(told[0]).toBe(`Port ${port} is taken: trying ${port + 1}.`);
    expect(second.port).toBe(port + told.length);
    await second.close();
    other.close();
  });

  test('and other options that are wrong are refused in one line', async () => {
    await expect(serve(folder, { port: 70_000 })).rejects.toThrow('port must be a whole number from 0 to 65535');
    await expect(serve(folder, { token: 'short' })).rejects.toThrow('token must have at least 16 characters, got 5.');
    await expect(serve(folder, { prot: 1 } as object)).rejects.toThrow('serve has no option "prot": did you mean');
    await expect(serve(join(folder, 'none'))).rejects.toThrow('ENOENT');
    await expect(serve(folder, { port: 0, host: '203.0.113.1', token: 'x'.repeat(20) })).rejects.toThrow(
      '203.0.113.1:0 cannot be listened on (EADDRNOTAVAIL).',
    );
  });

  test('are free again once the signal is aborted', async () => {
    const controller = new AbortController();
    const once = await serve(folder, { port: 0, signal: controller.signal });
    controller.abort();
    for (;;) {
      const answer = await fetch(once.url).catch(() => undefined);
      if (answer === undefined) break;
      await sleep(10);
    }
  });
});

test('news come as they are written, with what changed and nothing else', async () => {
  const response = await fetch(`${served.url}api/events`);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const next = async () => JSON.parse(((await reader.read()).value ?? '').replace(/^data: /, ''));
  expect((await next()).runs.map(({ name }: { name: string }) => name)).toEqual(['.', '<script>alert(1)<']);
  append(folder, stepLines(6, 7));
  expect(await next()).toMatchObject({ runs: [{ name: '.', step: 7 }], names: ['.', '<script>alert(1)<'] });
  await reader.cancel();
});
