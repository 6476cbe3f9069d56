import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fc, test as law } from '@fast-check/vitest';
import { pack } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { parseCifar10, parseCifar100 } from '../../src/index.ts';
import { cifar10, layout10, pythonLayout10, pythonLayout100, readCifar } from '../../src/node/cifar.ts';
import { sha256 } from '../../src/node/content.ts';
import { loadRecipe } from '../../src/node/load.ts';
import { parsePickle } from '../../src/node/pickle.ts';
import { cifarFile } from '../files.ts';
import { emptyFolder } from './folder.ts';

const fixture = async (name: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(`../fixtures/${name}`, import.meta.url)));

async function archive(entries: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> {
  const tar = pack();
  for (const [name, bytes] of Object.entries(entries)) tar.entry({ name }, Buffer.from(bytes));
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  return new Uint8Array(gzipSync(Buffer.concat(pieces)));
}

const batch = await fixture('cifar-10-python.pickle');
const batches = Object.fromEntries([...pythonLayout10.train, pythonLayout10.test].map((name) => [name, batch]));

describe('CIFAR’s Python archives', () => {
  test('hold the images of the binary ones', async () => {
    const { train, test: held } = await readCifar(await archive(batches), pythonLayout10);
    const wanted = parseCifar10(cifarFile(3, (n) => [9 - n]));
    expect([held.labels, held.images]).toEqual([wanted.labels, wanted.images]);
    expect(train.labels).toHaveLength(15);
    const hundred = await fixture('cifar-100-python.pickle');
    const entries = { 'cifar-100-python/test': hundred, 'cifar-100-python/train': hundred };
    const { train: fine } = await readCifar(await archive(entries), pythonLayout100);
    expect(fine.images).toEqual(parseCifar100(cifarFile(2, (n) => [19, 99 - n])).images);
    expect([...fine.labels]).toEqual([99, 98]);
  });

  test('are taken where the binary one is not', async () => {
    const folder = await emptyFolder();
    const bytes = await archive(batches);
    const python = { name: 'cifar-10-python.tar.gz', urls: [], bytes: bytes.length, sha256: sha256(bytes) };
    const recipe = { ...cifar10, also: { ...cifar10.also!, files: [python] } };
    expect(await loadRecipe(recipe, { folder })).toHaveProperty('why');
    await mkdir(join(folder, 'cifar10'));
    await writeFile(join(folder, 'cifar10', python.name), bytes);
    expect(await loadRecipe(recipe, { folder })).toMatchObject({ name: 'cifar10', shape: [32, 32, 3] });
    const damaged = { ...python, sha256: sha256(batch) };
    const other = await loadRecipe({ ...recipe, also: { ...recipe.also, files: [damaged] } }, { folder });
    expect(other).toMatchObject({ why: expect.stringContaining('cifar-10-python.tar.gz') });
    expect(layout10.parse).toBe(parseCifar10);
  });
});

const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('A pickle', () => {
  test('is read without calling anything that it names', () => {
    const refused = (text: string) => () => parsePickle(latin(text));
    expect(refused('\x80\x02cos\nsystem\nU\x02ls\x85R.')).toThrow('holds no os.system, which nothing here would call');
    expect(refused('\x80\x02cnumpy\nndarray\nU\x02ls\x85R.')).toThrow('holds no call of another function');
    expect(refused('\x80\x04}.')).toThrow('holds no protocol but 2');
    expect(refused('\x80\x02X\x01\x00\x00\x00a.')).toThrow('holds no operation "X"');
    expect(refused('\x80\x02constructor')).toThrow('holds no');
    expect(refused('\x80\x02].')).toThrow('holds no result but a dictionary');
    expect(refused('\x80\x02T\xff\xff\xff\xff')).toThrow('holds no end at byte 7');
    expect(refused('')).toThrow('holds no end at byte 0');
  });

  law.prop([fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 })], { numRuns: 300, seed: 14 })(
    'with changed bytes is read, or refused in one line',
    (changes) => {
      const bytes = new Uint8Array(batch);
      // The pixels may be anything: what is between and behind them is what counts.
      for (const [at, value] of changes) bytes[at < 200 ? at : bytes.length - 1 - (at - 200)] = value;
      try {
        expect(parsePickle(bytes).size).toBeLessThanOrEqual(4);
      } catch (error) {
        expect(String(error)).toMatch(/^Error: A pickle of CIFAR holds no [^\n]+$/);
      }
    },
  );
});
