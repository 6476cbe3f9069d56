import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { inChild } from '../../src/doctor/in-child.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steppe-child-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(code: string, seconds = 30) {
  const module = join(folder, `${Math.random()}.mjs`);
  await writeFile(module, code);
  const messages: unknown[] = [];
  const failure = await inChild(module, ['a', 'b'], seconds, (message) => messages.push(message));
  return { messages, failure };
}

describe('a process of its own', () => {
  test('gets its arguments and tells what it found, whatever it prints', async () => {
    const code = "console.log('noise'); process.send(process.argv.slice(2), () => process.disconnect());";
    expect(await run(code)).toEqual({ messages: [['a', 'b']], failure: undefined });
  });

  test.each([
    ['a signal', 'process.kill(process.pid, "SIGSEGV"); setTimeout(() => {}, 1e6);', /^its process ended with SIGSEGV/],
    ['an exit code', 'process.exit(7)', /^its process ended with code 7$/],
    [
      'its last words',
      'console.error("first\\nno driver"); process.exit(1)',
      /^its process ended with code 1 \(no driver\)$/,
    ],
  ])('that ends badly says why: %s', async (_, code, expected) => {
    expect((await run(code)).failure).toMatch(expected);
  });

  test('passes on what our libraries tell the user, and no other noise', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      await run('console.error("steppe: compiling ...\\nnoise")');
      expect(write.mock.calls).toEqual([['steppe: compiling ...\n']]);
    } finally {
      write.mockRestore();
    }
  });

  test('that never answers is ended', async () => {
    expect(await run('setInterval(() => {}, 1000)', 0.5)).toEqual({
      messages: [],
      failure: 'no answer within 0.5 s',
    });
  });
});
