import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addressOf, loadKoffi } from '../../src/library.ts';
import { load } from '../../src/load.ts';
import { createPool } from '../../src/memory/pool.ts';

const koffi = loadKoffi();
const { library } = await load();

/** Whether Linux was asked to back an address by large pages: the flag `hg` of its mapping. */
function asked(address: number): boolean {
  const mappings = readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const own = mappings.find((text) => {
    const [first = 0, end = 0] = (text.split(' ')[0] ?? '').split('-').map((word) => Number.parseInt(word, 16));
    return first <= address && address < end;
  });
  return own !== undefined && /^VmFlags:.* hg\b/m.test(own);
}

test.runIf(existsSync('/sys/kernel/mm/transparent_hugepage'))(
  'large tensors are on large pages where Linux has them',
  () => {
    const onLargePages = (address: number, bytes: number): void => {
      expect(library.steppe_set_large_pages(address, bytes)).toBe(0);
    };
    const { take } = createPool({ limit: 2 ** 30, cap: 0, addressOf: (view) => addressOf(koffi, view), onLargePages });
    const large = take(9 * 2 ** 20);
    expect(asked(large.address + 4 * 2 ** 20)).toBe(true);
    expect(asked(take(2 ** 20).address)).toBe(false);
  },
);

test('a range that spans no large page, or none at all, is left as it is', () => {
  expect(library.steppe_set_large_pages(64, 0)).toBe(0);
  expect(library.steppe_set_large_pages(64, 100)).toBe(0);
  expect(library.steppe_set_large_pages(0, 100)).not.toBe(0);
  expect(library.steppe_set_large_pages(64, -1)).not.toBe(0);
});
