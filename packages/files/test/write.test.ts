import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FileError, writeAll, writeAtomically } from '../src/index.ts';
import { emptyFolder, kill, output, program, said, start } from './support/children.ts';

const refused = (work: Promise<unknown>): Promise<FileError> =>
  work.then(
    () => Promise.reject(new Error('it was accepted')),
    (error: FileError) => error,
  );

/** A file system of one megabyte, where this user may mount one. */
function smallDisk(): string | undefined {
  const folder = emptyFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', [folder]));
  return folder;
}

describe('A file that is written', () => {
  test('holds what was given and leaves nothing beside it', async () => {
    const folder = emptyFolder();
    await writeAtomically(join(folder, 'a'), 'text');
    await writeAtomically(join(folder, 'a'), new Uint8Array([1, 2]), { mode: 0o600 });
    expect([...readFileSync(join(folder, 'a'))]).toEqual([1, 2]);
    expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('is written piece by piece too, and not at all when what writes it fails', async () => {
    const folder = emptyFolder();
    const file = join(folder, 'a');
    const pieces = Array.from({ length: 3000 }, (_, i) => new Uint8Array(i % 50).fill(i));
    await writeAtomically(file, async (handle, path) => {
      await writeAll(handle, pieces, 4);
      expect(dirname(path)).toBe(folder);
      expect(readFileSync(path).subarray(4).equals(Buffer.concat(pieces))).toBe(true);
      await writeAll(handle, [Buffer.from('head')]);
    });
    expect(readFileSync(file).equals(Buffer.concat([Buffer.from('head'), ...pieces]))).toBe(true);
    const failing = writeAtomically(file, async (handle) => {
      await writeAll(handle, pieces);
      throw new Error('it is not what it should be');
    });
    await expect(failing).rejects.toThrow(`${file} was not written (it is not what it should be).`);
    expect(readFileSync(file).subarray(0, 4).toString()).toBe('head');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('stays as it is where it must be new, whatever it is', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'a'), 'old');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
    for (const name of ['a', 'link']) {
      const error = await refused(writeAtomically(join(folder, name), 'new', { replace: false }));
      expect(error.message).toBe(`${join(folder, name)} was not written: it is there already.`);
      expect(error.code).toBe('EEXIST');
    }
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a', 'link']);
  });

  test('takes the place of a link and leaves alone what the link points to', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'other'), 'other');
    symlinkSync('other', join(folder, 'link'));
    await writeAtomically(join(folder, 'link'), 'new');
    expect(readFileSync(join(folder, 'link'), 'utf8')).toBe('new');
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('other');
  });

  test('never takes the place of a folder, a FIFO or a device', async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'sub'));
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    const why = async (name: string): Promise<string> => (await refused(writeAtomically(name, ''))).message;
    expect(await why(join(folder, 'sub'))).toMatch(/sub was not written: it must be a file, got a folder\.$/);
    expect(await why(join(folder, 'fifo'))).toMatch(/fifo was not written: it must be a file, got a FIFO\.$/);
    expect(readdirSync(folder)).toEqual(['fifo', 'sub']);
  });

  test('is refused in one line that a terminal can show, with the path and the reason', async () => {
    const error = await refused(writeAtomically('/nonexistent/\u001b[2J\n', ''));
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toBe('/nonexistent/\\u001b[2J\\u000a was not written (ENOENT: no such file or directory).');
    expect(error.code).toBe('ENOENT');
  });

  test('keeps its old content on a full disk, and nothing is left over', async ({ skip }) => {
    const disk = smallDisk();
    if (disk === undefined) return skip('this user cannot mount a small file system');
    const file = join(disk, 'a');
    await writeAtomically(file, new Uint8Array(600_000).fill(1));
    const error = await refused(writeAtomically(file, new Uint8Array(600_000).fill(2)));
    expect(error.message).toBe(`${file} was not written (ENOSPC: no space left on device).`);
    expect(readdirSync(disk)).toEqual(['a']);
    expect(readFileSync(file).every((byte) => byte === 1)).toBe(true);
  });
});

describe('Processes that write the same file', () => {
  test('and are killed 200 times at random moments leave it whole, and what they left over goes', async () => {
    const folder = emptyFolder();
    const file = join(folder, 'a');
    // Each content names its length, so that any mixture of two shows.
    const script = await program(`
      for (let i = 1; ; i++) {
        const length = 1 + (i * 7919) % 200_000;
        await files.writeAtomically(args[0], String(length).padEnd(length + 10, 'x'));
        if (i === 1) console.log('first');
      }`);
    const round = async (lane: number): Promise<void> => {
      for (let i = 0; i < 50; i++) {
        const child = start(script, file);
        await said(child);
        await new Promise((resolve) => setTimeout(resolve, (i * 37 + lane * 11) % 60));
        await kill(child);
        const text = readFileSync(file, 'utf8');
        expect(text.length).toBe(Number.parseInt(text, 10) + 10);
      }
    };
    await Promise.all([0, 1, 2, 3].map(round));
    await writeAtomically(file, 'end');
    expect(readdirSync(folder)).toEqual(['a']);
  }, 240_000);

  test('and want it to be new: only one of them succeeds', async () => {
    const folder = emptyFolder();
    const script = await program(`
      await sleep(Number(args[1]) - Date.now());
      const write = files.writeAtomically(args[0], String(process.pid), { replace: false });
      const won = await write.then(() => 'won', ({ code }) => code);
      console.log(won);`);
    const at = String(Date.now() + 1000);
    const children = Array.from({ length: 4 }, () => start(script, join(folder, 'a'), at));
    const answers = await Promise.all(children.map(output));
    expect(answers.sort()).toEqual(['EEXIST', 'EEXIST', 'EEXIST', 'won']);
    expect(readdirSync(folder)).toEqual(['a']);
  });
});
