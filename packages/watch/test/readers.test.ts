import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { packagesBuilt } from '../../../tools/vitest/packages-built.ts';
import { watchRuns } from '../src/runs/watch-runs.ts';
import { makeApp } from '../src/server/app.ts';
import { loadAssets } from '../src/server/assets.ts';
import { type EventLimits, openEvents } from '../src/server/events.ts';
import { openFeed } from '../src/server/feed.ts';
import { request, sent, statusOf, unread } from './support/raw.ts';
import { append, makeRun, newFolder, stepLine, stepLines } from './support/runs.ts';

beforeAll(packagesBuilt);

/** Serves a folder with limits that a test does not wait for. */
async function serveWith(folder: string, limits: EventLimits, pause = 20) {
  const watched = watchRuns(folder);
  const feed = openFeed(watched, pause);
  const events = openEvents(feed, limits);
  const app = makeApp({ watched, feed, events, assets: await loadAssets(), host: '127.0.0.1', token: undefined });
  const sockets: Socket[] = [];
  const server = createServer((incoming, outgoing) => {
    void getRequestListener(app.fetch, { overrideGlobalObjects: false })(incoming, outgoing);
  });
  server.on('connection', (socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, events, sockets };
}

/** Opens the stream of news and waits for what it says next. */
function reading(port: number): { readonly socket: Socket; readonly has: (text: string) => Promise<void> } {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  let recent = '';
  let look = (): void => undefined;
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    recent = recent.slice(-100) + chunk;
    look();
  });
  socket.write(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  const has = (text: string): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (recent.includes(text)) resolve();
      };
      look();
    });
  return { socket, has };
}

test('a reader that never reads has one message waiting, is dropped, and keeps nobody waiting', async () => {
  // Messages of some megabytes, so that those that the system holds for a reader are few.
  const options = Object.fromEntries(Array.from({ length: 12_000 }, (_, i) => [`option-${i}`, 'x'.repeat(300)]));
  const folder = makeRun(join(newFolder(), 'big'), stepLines(1, 2), { options });
  const { port, events, sockets } = await serveWith(folder, { slow: 300 }, 100);
  const lazy = await unread(port);
  onTestFinished(() => void lazy.destroy());
  const good = reading(port);
  let step = 3;
  for (let dropped = false; !dropped; step += 1) {
    append(folder, stepLine(step));
    await good.has(`"step":${step},`);
    for (const socket of sockets) expect(socket.writableLength).toBeLessThan(10_000_000);
    dropped = events.readers() === 1;
  }
  expect(sockets.filter((socket) => socket.destroyed)).toHaveLength(1);
});

test('500 pages are all told, and one that is one too many is refused', async () => {
  const folder = makeRun(newFolder(), stepLines(1, 2));
  const { port, events } = await serveWith(folder, { maxReaders: 500 });
  const readers = Array.from({ length: 500 }, () => reading(port));
  await Promise.all(readers.map(({ has }) => has('"step":2,')));
  expect(events.readers()).toBe(500);
  expect(statusOf(await sent(port, request(port, '/api/events')))).toBe(503);
  expect(statusOf(await sent(port, request(port, '/api/runs')))).toBe(200);
  append(folder, stepLine(3));
  await Promise.all(readers.map(({ has }) => has('"step":3,')));
  for (const { socket } of readers) socket.destroy();
  while (events.readers() > 0) await sleep(10);
});

test('a page that is closed is forgotten, and without pages nothing is looked at', async () => {
  const folder = makeRun(newFolder(), stepLines(1, 2));
  const { port, events } = await serveWith(folder, { beat: 20 });
  const one = reading(port);
  await one.has(':\n\n');
  one.socket.destroy();
  while (events.readers() > 0) await sleep(10);
  append(folder, stepLine(3));
  expect(await sent(port, request(port, '/api/runs'))).toContain('"step":3,');
});
