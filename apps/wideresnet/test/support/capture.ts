import { vi } from 'vitest';
import { main } from '../../src/commands/main.ts';

/** What a command left behind. */
export type Captured = { readonly code: number; readonly out: string; readonly err: string };

/** Runs a command in this process and catches what it prints. */
export async function steppe(...argv: readonly string[]): Promise<Captured> {
  const texts = { out: '', err: '' };
  const into = (name: keyof typeof texts) => (text: string | Uint8Array) => {
    texts[name] += text;
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(into('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(into('err')),
  ];
  try {
    return { code: await main(argv), ...texts };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
