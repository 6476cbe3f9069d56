import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classesOf, readEmnist } from '../../src/node/emnist.ts';
import { loadDataset } from '../../src/node/index.ts';
import { zipMembers } from '../../src/node/zip.ts';
import { emptyFolder } from './folder.ts';

const archive = new Uint8Array(readFileSync(new URL('../fixtures/emnist.zip', import.meta.url)));
const mapping = 'gzip/emnist-letters-mapping.txt';

describe('EMNIST', () => {
  test('is read from its archive: upright, letters from A = 0', () => {
    const { train, test: held } = readEmnist(archive, 'letters');
    expect([...train.labels].map((label) => classesOf.letters[label])).toEqual(['A', 'Z', 'E']);
    expect([...held.labels]).toEqual([0, 25]);
    const upright = Uint8Array.from({ length: 3 * 784 }, (_, i) => {
      const [n, row, column] = [Math.floor(i / 784), Math.floor(i / 28) % 28, i % 28];
      return 50 * n + 7 * row + column;
    });
    expect(train.shape).toEqual([28, 28, 1]);
    expect(Buffer.compare(train.images, upright)).toBe(0);
  });

  test('has the classes of its parts', () => {
    const { byclass, bymerge, balanced } = classesOf;
    expect([byclass.length, bymerge.length, balanced.length]).toEqual([62, 47, 47]);
    expect([byclass[61], balanced[36], balanced[46]]).toEqual(['z', 'a', 't']);
    expect(() => readEmnist(archive, 'digits')).toThrow('The archive lacks "gzip/emnist-digits-train-images-idx3');
  });

  test('asks for its archive in one folder for all parts', async () => {
    const folder = await emptyFolder();
    await expect(loadDataset('emnist-letters', { folder })).rejects.toThrow(
      `emnist-letters is not on this machine (nothing in ${folder}/emnist): allow its download`,
    );
  });
});

describe('zipMembers', () => {
  test('reads what Python packed', () => {
    expect(Buffer.from(zipMembers(archive, new Map([[mapping, 100]]))(mapping)).toString()).toBe('1 65 97\n');
  });

  test('refuses what is larger than expected, and what is no archive', () => {
    expect(() => zipMembers(archive, new Map([[mapping, 7]]))(mapping)).toThrow('has 8 bytes, at most 7 are read.');
    expect(() => zipMembers(archive.subarray(0, 1000), new Map())).toThrow(
      'Not a zip archive, or one that is cut short',
    );
  });

  test('answers every mutation with the right bytes or one clear line', () => {
    const name = 'gzip/emnist-letters-train-labels-idx1-ubyte.gz';
    const right = zipMembers(archive, new Map([[name, 1000]]))(name);
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = archive.slice();
        bytes[at] = (bytes[at] ?? 0) ^ change;
        try {
          expect(Buffer.compare(zipMembers(bytes, new Map([[name, 1000]]))(name), right)).toBe(0);
        } catch (error) {
          refused += 1;
          expect(String(error)).toMatch(/^Error: [^\n]*archive[^\n]*$/);
        }
      }),
      { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(50);
  });
});
