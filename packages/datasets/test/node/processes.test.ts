import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sha256 } from '../../src/node/content.ts';
import type { RemoteFile } from '../../src/node/remote-file.ts';
import { emptyFolder } from './folder.ts';
import { madeFile } from './official.ts';
import { sendFile, serve, startOf } from './server.ts';

const { file, bytes } = madeFile(3_000_000);
let script = '';

beforeAll(async () => {
  const entry = fileURLToPath(new URL('../../src/node/download.ts', import.meta.url));
  const contents = `
    import { download } from ${JSON.stringify(entry)};
    const [file, target] = process.argv.slice(1);
    await download(JSON.parse(file), target, { backoff: 1, tries: 10 });`;
  const stdin = { contents, resolveDir: process.cwd() };
  const built = await build({ stdin, bundle: true, write: false, platform: 'node', format: 'esm', logLevel: 'silent' });
  script = built.outputFiles[0]!.text;
});

/** A process of its own that downloads the file. */
function start(from: RemoteFile, target: string): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(from), target], {
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

describe('Downloads in processes of their own', () => {
  test('to one place at once all succeed and leave one whole file', async () => {
    const { url } = await serve((request, response) => sendFile(bytes, request, response));
    const target = join(await emptyFolder(), file.name);
    const children = Array.from({ length: 3 }, () => start({ ...file, urls: [url] }, target));
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as number));
    expect(codes).toEqual([0, 0, 0]);
    expect(await readdir(join(target, '..'))).toEqual([file.name]);
    expect(sha256(await readFile(target))).toBe(file.sha256);
  });

  test('wait for the one that is there first, and go on at once where a killed one stopped', async () => {
    const target = join(await emptyFolder(), file.name);
    const half = 1_000_000;
    let began = (): void => {};
    const beginning = new Promise<void>((resolve) => {
      began = resolve;
    });
    const { url, ranges } = await serve((request, response, count) => {
      if (count > 1) return sendFile(bytes, request, response);
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, half));
      began();
    });
    const from = { ...file, urls: [url] };
    const first = start(from, target);
    await beginning;
    const second = start(from, target);
    const ends = once(second, 'exit');
    // The first one waits for its second half; only its death lets the second one in.
    while ((await stat(`${target}.part`).catch(() => undefined))?.size !== half) await sleep(10);
    expect(ranges).toEqual([undefined]);
    first.kill('SIGKILL');
    expect((await ends)[0]).toBe(0);
    expect(ranges).toEqual([undefined, `bytes=${half}-`]);
    expect(await readdir(join(target, '..'))).toEqual([file.name]);
    expect(sha256(await readFile(target))).toBe(file.sha256);
  });

  test('that are killed at any moment leave no file under the final name that is not whole', async () => {
    const target = join(await emptyFolder(), file.name);
    let served = 0;
    let victim: ChildProcess | undefined;
    const { url } = await serve((request, response) => {
      const start = startOf(request);
      // Killed in the first, second, third … quarter of a body, and right after the last byte.
      const most = (bytes.length * (1 + (served % 4))) / 4 - start;
      served += 1;
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(start, start + most), () => victim?.kill('SIGKILL'));
    });
    for (let i = 0; i < 8; i += 1) {
      victim = start({ ...file, urls: [url] }, target);
      await once(victim, 'exit');
      const found = await readFile(target).catch(() => undefined);
      if (found !== undefined) expect(sha256(found)).toBe(file.sha256);
    }
    expect(served).toBeGreaterThan(0);
    const good = await serve((request, response) => sendFile(bytes, request, response));
    const [code] = (await once(start({ ...file, urls: [good.url] }, target), 'exit')) as [number];
    expect(code).toBe(0);
    expect(sha256(await readFile(target))).toBe(file.sha256);
  });
});
