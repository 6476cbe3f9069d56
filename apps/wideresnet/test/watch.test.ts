import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildCli, cli, runCli } from './support/cli.ts';
import { tiny } from './support/events.ts';

let root = '';

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'steppe-watch-'));
  mkdirSync(join(root, 'runs', 'first'), { recursive: true });
  writeFileSync(join(root, 'runs', 'first', 'config.json'), '{ "options": { "rho": 0.05 } }');
  await buildCli();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Starts the command and waits for the address that it prints. */
async function addressOf(args: readonly string[]): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [cli, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      text += chunk;
      const [, found] = /(http:\S+)\s/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.on('close', () => reject(new Error(text)));
  });
  return { child, url };
}

const ended = (child: ChildProcess) => new Promise((resolve) => child.on('close', resolve));

test('steppe watch serves the runs of the folder runs, and Ctrl-C is how it ends', async () => {
  const { child, url } = await addressOf(['watch', '--port', '0']);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  const { runs } = JSON.parse(await (await fetch(`${url}api/runs`)).text());
  expect(runs).toMatchObject([{ name: 'first', options: { rho: 0.05 } }]);
  child.kill('SIGINT');
  expect(await ended(child)).toBe(0);
});

test('steppe watch --host prints an address with a token, without which nobody reads', async () => {
  const { url } = await addressOf(['watch', '--port', '0', '--host', '0.0.0.0']);
  const { port, searchParams } = new URL(url);
  const own = `http://127.0.0.1:${port}/api/runs`;
  expect((await fetch(own)).status).toBe(401);
  expect((await fetch(own, { headers: { authorization: `Bearer ${searchParams.get('token')}` } })).status).toBe(200);
});

test('steppe watch refuses what it cannot serve in one line', async () => {
  expect(await runCli(['watch', join(root, 'none')])).toEqual({
    code: 64,
    out: '',
    err: `steppe: There is no folder ${join(root, 'none')} to watch: train first (steppe train), or name the folder of the runs.\n`,
  });
  expect(await runCli(['watch', root, '--port', '1e9'])).toMatchObject({
    code: 64,
    err: 'steppe: --port must be a whole number from 0 to 65535, got 1e9.\n',
  });
  expect(await runCli(['watch', root, '--host', '203.0.113.1'])).toMatchObject({
    code: 69,
    err: 'steppe: 203.0.113.1:6060 cannot be listened on (EADDRNOTAVAIL).\n',
  });
});

test('steppe train --watch serves the run while it trains, and leaves no word of it in its files', async () => {
  const { child, url } = await addressOf([...tiny, '--epochs', '500', '--out', 'live', '--watch']);
  for (let step = 0; step < 2; ) {
    const { runs } = JSON.parse(await (await fetch(`${url}api/runs`)).text());
    const [run] = runs;
    step = run?.step ?? 0;
    if (step >= 2) expect(run).toMatchObject({ name: '.', state: 'running', steps: 1500 });
    if (step >= 2) expect(Object.keys(run.options)).not.toContain('watch');
  }
  child.kill('SIGINT');
  expect(await ended(child)).toBe(130);
});
