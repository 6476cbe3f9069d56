import { execFileSync } from 'node:child_process';
import { link, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { smallDisk } from '../../../../tools/vitest/small-disk.ts';
import { sha256 } from '../../src/node/content.ts';
import { type DownloadOptions, download, type Progress } from '../../src/node/download.ts';
import { emptyFolder } from './folder.ts';
import { largeFile, madeFile } from './official.ts';
import { cutFile, type Handler, sendFile, serve, startOf } from './server.ts';

const { file: small, bytes } = madeFile(200_000);
const quick = { backoff: 1, stallTimeout: 5000 };

type CutHandler = (...args: [...Parameters<Handler>, cut: (most: number) => void]) => void;

/** Downloads the small file from a server that behaves as told; `cut` sends so many bytes and breaks the connection. */
async function attempt(handler: CutHandler, options: DownloadOptions = {}) {
  const folder = await emptyFolder();
  let received = 0;
  const server = await serve((request, response, count) =>
    handler(request, response, count, (most) => cutFile(bytes, request, response, most, () => received)),
  );
  const target = join(folder, small.name);
  const file = { ...small, urls: [`${server.url}${small.name}`] };
  const onProgress = (progress: Progress): void => {
    received = progress.received;
    options.onProgress?.(progress);
  };
  const outcome = await download(file, target, { ...quick, ...options, onProgress }).then(
    () => 'done',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return { outcome, server, folder, target, files: await readdir(folder) };
}

describe('A download', () => {
  test('of the whole file is there under its name, whole and alone', async () => {
    const seen: Progress[] = [];
    const { outcome, target, files, server } = await attempt(
      (request, response) => sendFile(bytes, request, response),
      {
        onProgress: (progress) => seen.push(progress),
      },
    );
    expect(outcome).toBe('done');
    expect(files).toEqual([small.name]);
    expect(sha256(await readFile(target))).toBe(small.sha256);
    expect(server.ranges).toEqual([undefined]);
    expect(seen.at(-1)).toEqual({ file: small.name, received: small.bytes, total: small.bytes });
    expect(seen.map(({ received }) => received)).toEqual(seen.map(({ received }) => received).sort((a, b) => a - b));
  });

  test('that is cut four times goes on each time where it stopped', async () => {
    const large = largeFile();
    const folder = await emptyFolder();
    const piece = 5_000_000;
    let received = 0;
    const { url, ranges } = await serve((request, response, count) =>
      count < 5
        ? cutFile(large.bytes, request, response, piece, () => received)
        : sendFile(large.bytes, request, response),
    );
    const target = join(folder, large.file.name);
    const onProgress = (progress: Progress): void => {
      received = progress.received;
    };
    await download({ ...large.file, urls: [`${url}${large.file.name}`] }, target, { ...quick, onProgress });
    expect(sha256(await readFile(target))).toBe(large.file.sha256);
    expect(ranges).toEqual([undefined, ...[1, 2, 3, 4].map((i) => `bytes=${i * piece}-`)]);
    expect(await readdir(folder)).toEqual([large.file.name]);
  });

  test('that is cut five times keeps what it has, and the next download goes on from there', async () => {
    const { outcome, target, files } = await attempt((_request, _response, _count, cut) => cut(20_000));
    expect(outcome).toMatch(
      /^Cannot download made.gz: http.* \(try 5\)\. Put it at .*made\.gz yourself \(200,\d+ bytes, SHA-256 \w{64}\)\.$/,
    );
    expect(files).toEqual(['made.gz.part']);
    expect(await readFile(`${target}.part`)).toHaveLength(100_000);
    const { url, ranges } = await serve((request, response) => sendFile(bytes, request, response));
    await download({ ...small, urls: [url] }, target, quick);
    expect(ranges).toEqual(['bytes=100000-']);
    expect(sha256(await readFile(target))).toBe(small.sha256);
  });

  test('from a server that knows no Range starts again and still ends', async () => {
    const { outcome, server } = await attempt((request, response, count, cut) => {
      delete request.headers.range;
      if (count < 3) cut(50_000 * count);
      else sendFile(bytes, request, response);
    });
    expect(outcome).toBe('done');
    expect(server.ranges).toEqual([undefined, 'bytes=50000-', 'bytes=100000-']);
  });

  test('from a server that resumes at the wrong place starts again', async () => {
    const { outcome, server } = await attempt((request, response, count, cut) => {
      if (count === 1) return cut(50_000);
      if (count === 2) return response.writeHead(206, { 'content-range': 'bytes 10-20/30' }).end('0123456789');
      sendFile(bytes, request, response);
    });
    expect(outcome).toBe('done');
    expect(server.ranges).toEqual([undefined, 'bytes=50000-', undefined]);
  });

  test('that cannot be resumed (416) starts again', async () => {
    const { outcome, server } = await attempt((request, response, count, cut) => {
      if (count === 1) return cut(1000);
      if (count === 2) return response.writeHead(416).end();
      sendFile(bytes, request, response);
    });
    expect(outcome).toBe('done');
    expect(server.ranges).toEqual([undefined, 'bytes=1000-', undefined]);
  });

  test.each([
    ['declares', { 'content-length': `${small.bytes + 10}` }, `offers 200,0\\d\\d bytes, expected`],
    ['streams', {}, 'sends more than the expected 200,0\\d\\d bytes'],
  ])(
    'of a file that is longer than known, which the server %s, is refused at the known size',
    async (_, headers, message) => {
      const { outcome, files, server } = await attempt((_request, response) => {
        response.writeHead(200, headers);
        response.write(bytes);
        response.end(Buffer.alloc(10));
      });
      expect(outcome).toMatch(new RegExp(message));
      expect(files).toEqual([]);
      expect(server.ranges).toHaveLength(1);
    },
  );

  test('of a file that is shorter than known is refused at once', async () => {
    const { outcome, server } = await attempt((_, response) => response.end(bytes.subarray(0, 1000)));
    expect(outcome).toContain('offers 1,000 bytes, expected');
    expect(server.ranges).toHaveLength(1);
  });

  test('of an HTML page with status 200 is refused at once and named', async () => {
    const { outcome, files, server } = await attempt((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>Please log in</html>'),
    );
    expect(outcome).toContain('answered with an HTML page instead of the file');
    expect(files).toEqual([]);
    expect(server.ranges).toHaveLength(1);
  });

  test('of other bytes of the same size is refused after one try, and nothing of them is kept', async () => {
    const { outcome, files, server } = await attempt((request, response) =>
      sendFile(
        bytes.map((byte) => byte ^ 1),
        request,
        response,
      ),
    );
    expect(outcome).toMatch(/has the SHA-256 \w{64}, expected \w{64}/);
    expect(files).toEqual([]);
    expect(server.ranges).toHaveLength(1);
  });

  test('that went on from a rotten beginning starts again once', async () => {
    const folder = await emptyFolder();
    const target = join(folder, 'made.gz');
    await writeFile(`${target}.part`, Buffer.alloc(30_000));
    const { url, ranges } = await serve((request, response) => sendFile(bytes, request, response));
    await download({ ...small, urls: [url] }, target, quick);
    expect(ranges).toEqual(['bytes=30000-', undefined]);
    expect(sha256(await readFile(target))).toBe(small.sha256);
  });

  test('follows redirects, to another server too', async () => {
    const { url } = await serve((request, response) => sendFile(bytes, request, response));
    const { outcome } = await attempt((_, response, count) =>
      response.writeHead(302, { location: count === 1 ? '/moved' : `${url}made.gz` }).end(),
    );
    expect(outcome).toBe('done');
  });

  test.each([
    ['a loop', '/made.gz', 'redirects in a loop', 6],
    ['a file on this machine', 'file:///etc/passwd', 'leads to file:, only http: and https: are followed', 1],
    ['no URL', 'http://[', 'redirects to "http://[", which is no URL', 1],
  ])('that is redirected to %s is refused after one try', async (_, location, message, requests) => {
    const { outcome, server } = await attempt((_request, response) => response.writeHead(301, { location }).end());
    expect(outcome).toContain(message);
    expect(server.ranges).toHaveLength(requests);
  });

  test.each([400, 401, 403, 404, 410])('that is answered with %i is not tried again', async (status) => {
    const { outcome, server } = await attempt((_, response) => response.writeHead(status).end());
    expect(outcome).toContain(`answered ${status}. `);
    expect(server.ranges).toHaveLength(1);
  });

  test.each([429, 500, 502, 503])('that is answered with %i is tried again', async (status) => {
    const { outcome, server } = await attempt((request, response, count) =>
      count < 4 ? response.writeHead(status, { 'retry-after': '0' }).end() : sendFile(bytes, request, response),
    );
    expect(outcome).toBe('done');
    expect(server.ranges).toHaveLength(4);
  });

  test('of a server that is always busy ends after the given number of tries', async () => {
    const { outcome, server } = await attempt((_, response) => response.writeHead(503).end(), { tries: 3 });
    expect(outcome).toContain('answered 503 (try 3)');
    expect(server.ranges).toHaveLength(3);
  });

  test('that stalls is given up, tried again, and goes on', async () => {
    const { outcome, server } = await attempt(
      (request, response, count) => {
        if (count > 2) return sendFile(bytes, request, response);
        if (count === 1) {
          response.writeHead(200, { 'content-length': bytes.length });
          response.write(bytes.subarray(0, 1000));
        }
      },
      { stallTimeout: 100 },
    );
    expect(outcome).toBe('done');
    expect(server.ranges).toEqual([undefined, 'bytes=1000-', 'bytes=1000-']);
  });

  test('that is slow but alive is not given up', async () => {
    const { outcome } = await attempt(
      async (_, response) => {
        for (let at = 0; at < 15; at += 1) {
          response.write(bytes.subarray(at * 1000, (at + 1) * 1000));
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        response.end(bytes.subarray(15_000));
      },
      { stallTimeout: 1000, tries: 1 },
    );
    expect(outcome).toBe('done');
  });

  test('that never stalls but never ends is given up after its time, and the next one goes on from what came', async () => {
    const { outcome, files, target } = await attempt(
      (_, response) => {
        response.writeHead(200, { 'content-length': bytes.length });
        let sent = 0;
        const drip = setInterval(() => {
          if (response.destroyed) return clearInterval(drip);
          response.write(bytes.subarray(sent, sent + 1));
          sent += 1;
        }, 10);
      },
      { timeout: 500 },
    );
    expect(outcome).toMatch(/^Cannot download made.gz: not done after 0.5 s \(what came is kept: .*\)\. Put it at /);
    expect(files).toEqual(['made.gz.part']);
    const had = (await readFile(`${target}.part`)).length;
    const { url, ranges } = await serve((request, response) => sendFile(bytes, request, response));
    await download({ ...small, urls: [url] }, target, quick);
    expect(ranges).toEqual([`bytes=${had}-`]);
    expect(sha256(await readFile(target))).toBe(small.sha256);
  });

  test.each<[DownloadOptions, string]>([
    [{ tries: 0 }, 'tries must be a whole number of at least 1, got 0.'],
    [{ tries: 1.5 }, 'tries must be'],
    [{ stallTimeout: 0 }, 'stallTimeout must be between 1 and 2147483647 milliseconds, got 0.'],
    [{ timeout: Number.NaN }, 'timeout must be'],
    [{ timeout: 2 ** 31 }, 'timeout must be'],
    [{ backoff: -1 }, 'backoff must be between 0 and'],
  ])('with the patience %j is refused before it starts', async (options, message) => {
    await expect(download({ ...small, urls: [] }, '/nonexistent/made.gz', options)).rejects.toThrow(message);
  });

  test('of a server that never answers says so', async () => {
    const { outcome } = await attempt(() => undefined, { stallTimeout: 50, tries: 2 });
    expect(outcome).toContain('sent nothing for 0.05 s (try 2)');
  });

  test('goes to the next URL when one fails for good', async () => {
    const { url: bad, ranges } = await serve((_, response) => response.writeHead(404).end());
    const { url: good } = await serve((request, response) => sendFile(bytes, request, response));
    const target = join(await emptyFolder(), 'made.gz');
    await download({ ...small, urls: [bad, good] }, target, quick);
    expect(ranges).toHaveLength(1);
    expect(sha256(await readFile(target))).toBe(small.sha256);
  });

  test('from nobody names the reason of every URL', async () => {
    const { url } = await serve((_, response) => response.writeHead(404).end());
    const target = join(await emptyFolder(), 'made.gz');
    const urls = [`${url}a`, 'http://127.0.0.1:1/b'];
    await expect(download({ ...small, urls }, target, { ...quick, tries: 2 })).rejects.toThrow(
      /\/a answered 404; http:\/\/127\.0\.0\.1:1\/b .*ECONNREFUSED.* \(try 2\)\. Put it at/,
    );
  });

  test.each([
    [
      'a transfer',
      (response: ServerResponse) => response.writeHead(200, { 'content-length': bytes.length }).write('x'),
    ],
    ['a wait', (response: ServerResponse) => response.writeHead(503, { 'retry-after': '60' }).end()],
  ])('that is aborted during %s stops with the reason and keeps what it has', async (_, answer) => {
    const controller = new AbortController();
    const { outcome, files } = await attempt(
      (_request, response, count, cut) => {
        if (count === 1) return cut(1000);
        answer(response);
        setTimeout(() => controller.abort(new Error('Ctrl-C')), 100);
      },
      { signal: controller.signal },
    );
    expect(outcome).toBe('Ctrl-C');
    expect(files).toEqual(['made.gz.part']);
  });

  test('that the disk refuses is an error of the disk, not of the network', async () => {
    const { url, ranges } = await serve((request, response) => sendFile(bytes, request, response));
    const folder = await emptyFolder();
    await writeFile(join(folder, 'taken'), '');
    await expect(download({ ...small, urls: [url] }, join(folder, 'taken', 'made.gz'), quick)).rejects.toThrow(
      /EEXIST|ENOTDIR/,
    );
    expect(ranges).toEqual([]);
  });
});

describe('Partial files', () => {
  test('stay where they are, are gone on from, and are no business of another download', async () => {
    const folder = await emptyFolder();
    const target = join(folder, 'made.gz');
    const { url, ranges } = await serve((request, response) => sendFile(bytes, request, response));
    const other = join(folder, 'other.gz.part');
    await writeFile(other, bytes.subarray(0, 7000));
    await writeFile(`${target}.part`, bytes.subarray(0, 5000));
    await download({ ...small, urls: [url] }, target, quick);
    expect(ranges).toEqual(['bytes=5000-']);
    expect((await readdir(folder)).sort()).toEqual(['made.gz', 'other.gz.part']);
  });

  test.each<[string, (part: string, other: string) => Promise<void>]>([
    ['a symbolic link', (part, other) => symlink(other, part)],
    ['a link to nothing', (part) => symlink('nowhere', part)],
    ['a hard link', (part, other) => link(other, part)],
    ['a folder', (part) => mkdir(part)],
    ['a FIFO', async (part) => void execFileSync('mkfifo', [part])],
    ['a device', (part) => symlink('/dev/null', part)],
  ])('that are %s are refused at once, and what they point to is left alone', async (_, make) => {
    const folder = await emptyFolder();
    const [target, other] = [join(folder, 'made.gz'), join(folder, 'other')];
    await writeFile(other, 'precious');
    await make(`${target}.part`, other);
    const { url, ranges } = await serve((request, response) => sendFile(bytes, request, response));
    await expect(download({ ...small, urls: [url] }, target, quick)).rejects.toThrow(
      `${target}.part must be a file of this user and no link to one: delete it, then try again.`,
    );
    expect(ranges).toEqual([]);
    expect(await readFile(other, 'utf8')).toBe('precious');
    expect((await readdir(folder)).sort()).toEqual(['made.gz.part', 'other']);
  });

  test('that are already whole need no server, and those that are too long are thrown away', async () => {
    const target = join(await emptyFolder(), 'made.gz');
    await writeFile(`${target}.part`, bytes);
    await download({ ...small, urls: ['http://127.0.0.1:1/'] }, target, quick);
    expect(sha256(await readFile(target))).toBe(small.sha256);
    const { url, ranges } = await serve((request, response) => sendFile(bytes, request, response));
    await writeFile(`${target}.part`, Buffer.concat([bytes, bytes]));
    await download({ ...small, urls: [url] }, target, quick);
    expect(ranges.map((range) => startOf({ headers: { range } } as Parameters<Handler>[0]))).toEqual([0]);
    expect(sha256(await readFile(target))).toBe(small.sha256);
  });

  test('are never shared by downloads that run at once', async () => {
    const target = join(await emptyFolder(), 'made.gz');
    const { url } = await serve((request, response) => sendFile(bytes, request, response));
    await Promise.all(Array.from({ length: 8 }, () => download({ ...small, urls: [url] }, target, quick)));
    expect(sha256(await readFile(target))).toBe(small.sha256);
    expect(await readdir(join(target, '..'))).toEqual(['made.gz']);
  });
});

const disk = smallDisk();
if (disk !== undefined)
  describe('A disk of one megabyte', () => {
    const { file, bytes: tooMany } = madeFile(1_500_000);

    test('refuses a file that has no room on it before a byte is asked for', async () => {
      const { url, ranges } = await serve((request, response) => sendFile(tooMany, request, response));
      const target = join(disk, 'set', 'made.gz');
      await expect(download({ ...file, urls: [url] }, target, quick)).rejects.toMatchObject({
        code: 'ENOSPC',
        message: expect.stringMatching(
          /^\S+\/set has room for [\d,]+ bytes, 1,50\d,\d{3} are needed: make room, or set STEPPE_DATA to another folder\.$/,
        ),
      });
      expect(ranges).toEqual([]);
    });

    test('that fills up meanwhile ends the download in one line, and what came is gone on from', async () => {
      const target = join(disk, 'full', 'made.gz');
      const filler = join(disk, 'filler');
      const { url, ranges } = await serve(async (request, response, count) => {
        if (count === 1) await writeFile(filler, Buffer.alloc(950_000));
        sendFile(bytes, request, response);
      });
      const from = { ...small, urls: [url] };
      await expect(download(from, target, quick)).rejects.toMatchObject({
        code: 'ENOSPC',
        message: `${join(disk, 'full')} cannot be written (ENOSPC: no space left on device): make room, or set STEPPE_DATA to another folder.`,
      });
      const had = (await readFile(`${target}.part`)).length;
      expect(had).toBeGreaterThan(0);
      await rm(filler);
      await download(from, target, quick);
      expect(ranges).toEqual([undefined, `bytes=${had}-`]);
      expect(sha256(await readFile(target))).toBe(small.sha256);
    });
  });
