import { mkdirSync, readdirSync, readFileSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type FileError, type Holder, withLock } from '../src/index.ts';
import { ourselves } from '../src/owner.ts';
import { emptyFolder, kill, output, program, said, start } from './support/children.ts';

const hold = await program(`
  await files.withLock(args[0], async () => { console.log('held'); await sleep(60_000); });`);

/** Adds one to the number in a file, in a way that loses counts when two do it at once. */
const count = await program(`
  import { readFileSync, writeFileSync } from 'node:fs';
  for (let i = 0; i < Number(args[2]); i++)
    await files.withLock(args[0], async () => {
      const before = Number(readFileSync(args[1], 'utf8'));
      await sleep(1);
      writeFileSync(args[1], String(before + 1));
    });
  console.log('counted');`);

const lockOf = (change: Partial<Holder>): string =>
  JSON.stringify({ ...ourselves(), since: '2026-01-01T00:00:00.000Z', id: 'other', ...change });

describe('A lock', () => {
  test('lets one process at a time through, and is gone at the end', async () => {
    const folder = emptyFolder();
    const file = join(folder, 'count');
    writeFileSync(file, '0');
    const children = [1, 2, 3].map(() => start(count, join(folder, 'lock'), file, '20'));
    await Promise.all(children.map(output));
    expect(readFileSync(file, 'utf8')).toBe('60');
    expect(readdirSync(folder)).toEqual(['count']);
  });

  test('leaves nothing of a taker that was killed while it took a lock over', async () => {
    const lock = join(emptyFolder(), 'lock');
    const child = start(hold, lock);
    await said(child);
    await kill(child);
    const dead = readFileSync(lock);
    for (const second of ['.takeover', '.takeover.takeover']) writeFileSync(`${lock}${second}`, dead);
    unlinkSync(lock);
    expect(await withLock(lock, async () => 'mine')).toBe('mine');
    expect(readdirSync(join(lock, '..'))).toEqual([]);
  });

  test('is given back when the work fails', async () => {
    const lock = join(emptyFolder(), 'lock');
    await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(lock, async () => 'again')).toBe('again');
  });

  test('tells whom it waits for, once', async () => {
    const lock = join(emptyFolder(), 'lock');
    const child = start(hold, lock);
    await said(child);
    const waits: (Holder | undefined)[] = [];
    const waiting = withLock(lock, async () => 'mine', { onWait: (holder) => waits.push(holder) });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(waits.map((holder) => holder?.pid)).toEqual([child.pid]);
    await kill(child);
    expect(await waiting).toBe('mine');
  });

  test('is waited for no longer than wanted', async () => {
    const lock = join(emptyFolder(), 'lock');
    await said(start(hold, lock));
    await expect(withLock(lock, async () => 'mine', { signal: AbortSignal.timeout(100) })).rejects.toThrow(/abort/i);
    expect(readdirSync(join(lock, '..'))).toEqual(['lock']);
  });

  test.each([
    ['of a process that was killed', async (lock: string) => kill(await holding(lock))],
    ['of another boot', async (lock: string) => writeFileSync(lock, lockOf({ boot: 'another' }))],
    ['of a number that another process has now', async (lock: string) => writeFileSync(lock, lockOf({ start: '1' }))],
  ])('%s is taken over without a wait', async (_, leave) => {
    const lock = join(emptyFolder(), 'lock');
    await leave(lock);
    const waits: unknown[] = [];
    expect(await withLock(lock, async () => 'mine', { onWait: (holder) => waits.push(holder) })).toBe('mine');
    expect(waits).toEqual([]);
    expect(readdirSync(join(lock, '..'))).toEqual([]);
  });

  test('is taken over after ten seconds of silence, which are told, where only that tells of its holder', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'container'), lockOf({ space: '1', pid: 1 }));
    writeFileSync(join(folder, 'empty'), '');
    mkdirSync(join(folder, 'folder'));
    const waits: string[] = [];
    const take = (name: string) =>
      withLock(join(folder, name), async () => name, { onWait: () => waits.push(name), wait: name !== 'container' });
    const names = ['container', 'empty', 'folder'];
    expect(await Promise.all(names.map(take))).toEqual(names);
    expect(waits.sort()).toEqual(names);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that may not be waited for is refused with the number of its holder, and taken when that one is dead', async () => {
    const lock = join(emptyFolder(), 'lock');
    const child = start(hold, lock);
    await said(child);
    const take = () => withLock(lock, async () => 'mine', { wait: false, onWait: () => expect.unreachable() });
    const error: FileError = await take().then(
      () => expect.unreachable(),
      (refusal) => refusal,
    );
    expect(error.message).toMatch(
      new RegExp(`^${lock} is held by process ${child.pid} since \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\\.$`),
    );
    expect([error.code, error.path]).toEqual(['EBUSY', lock]);
    await kill(child);
    expect(await take()).toBe('mine');
    const nested = withLock(lock, take);
    await expect(nested).rejects.toThrow(`is held by process ${process.pid} since`);
  });

  test('of another container that may not be waited for is refused at the first sign of life', async () => {
    const lock = join(emptyFolder(), 'lock');
    writeFileSync(lock, lockOf({ space: '1', pid: 7, host: 'gpu-2' }));
    const beats = setInterval(() => utimesSync(lock, new Date(), new Date()), 300);
    onTestFinished(() => clearInterval(beats));
    const waits: unknown[] = [];
    const taking = withLock(lock, async () => 'mine', { wait: false, onWait: (holder) => waits.push(holder?.pid) });
    await expect(taking).rejects.toThrow(`${lock} is held by process 7 on gpu-2 since 2026-01-01T00:00:00.000Z.`);
    expect(waits).toEqual([7]);
  });

  test('has one holder at a time, however many take it over at once and are killed at random moments', async () => {
    const folder = emptyFolder();
    const log = join(folder, 'log');
    const script = await program(`
      import { appendFileSync } from 'node:fs';
      const log = (word) => appendFileSync(args[1], word + ' ' + process.pid + '\\n');
      console.log('runs');
      for (;;)
        await files.withLock(args[0], async () => {
          log('enter');
          await sleep(Math.random() * 3);
          log('leave');
        });`);
    const lane = async (seed: number): Promise<void> => {
      for (let i = 0; i < 12; i++) {
        const child = start(script, join(folder, 'lock'), log);
        await said(child);
        await new Promise((resolve) => setTimeout(resolve, 20 + ((i * 37 + seed * 23) % 80)));
        await kill(child);
      }
    };
    await Promise.all([1, 2, 3, 4].map(lane));
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    const overlaps = lines.filter(
      (line, i) => line.startsWith('leave') && lines[i - 1] !== line.replace('leave', 'enter'),
    );
    const dead = lines.filter((line, i) => line.startsWith('enter') && lines[i + 1]?.startsWith('enter'));
    expect(overlaps).toEqual([]);
    expect(dead.length).toBeGreaterThan(0);
  });

  test('that cannot be made is an error with path and reason', async () => {
    await expect(withLock('/nonexistent/lock', async () => 1)).rejects.toThrow(
      '/nonexistent/lock cannot be locked (ENOENT: no such file or directory).',
    );
  });
});

async function holding(lock: string) {
  const child = start(hold, lock);
  await said(child);
  return child;
}
