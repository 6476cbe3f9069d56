import { gzipSync } from 'node:zlib';
import { fc, test as law } from '@fast-check/vitest';
import { type Header, pack } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { layout10, layout100, readCifar } from '../../src/node/cifar.ts';
import { tarMembers } from '../../src/node/tar.ts';
import { cifarFile } from '../files.ts';

type Entry = readonly [header: Partial<Header> & { readonly name: string }, body?: Uint8Array];

/** An archive of the given entries, unpacked. */
async function tar(entries: readonly Entry[]): Promise<Buffer> {
  const packing = pack();
  for (const [header, body] of entries) packing.entry(header, Buffer.from(body ?? []));
  packing.finalize();
  const pieces: Uint8Array[] = [];
  for await (const piece of packing) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces);
}
const archive = async (...entries: readonly Entry[]): Promise<Uint8Array> =>
  new Uint8Array(gzipSync(await tar(entries)));

async function read(bytes: Uint8Array, wanted: Readonly<Record<string, number>>): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, bytes: body } of tarMembers(bytes, new Map(Object.entries(wanted))))
    found[name] = Buffer.from(body).toString();
  return found;
}

const body = Buffer.from('hello');
const good: Entry = [{ name: 'set/train.bin' }, body];
const wanted = { 'set/train.bin': 5 };

describe('An archive', () => {
  test('gives its wanted files, and not the others', async () => {
    const bytes = await archive([{ name: 'set/', type: 'directory' }], [{ name: 'set/readme.html' }, body], good);
    expect(await read(bytes, wanted)).toEqual({ 'set/train.bin': 'hello' });
  });

  test.each<[string, readonly Entry[], string]>([
    ['a path upwards', [[{ name: 'set/../../x' }, body]], '"set/../../x", which points out of it'],
    ['an absolute path', [[{ name: '/etc/passwd' }, body]], '"/etc/passwd", which points out of it'],
    ['a path of Windows', [[{ name: 'C:\\x' }, body]], 'which points out of it'],
    [
      'a symlink, then a file through it',
      [[{ name: 'set', type: 'symlink', linkname: '/tmp' }], good],
      '"set", a symlink, not a file',
    ],
    ['a hard link', [[{ name: 'set/train.bin', type: 'link', linkname: '/etc/passwd' }]], 'a link, not a file'],
    ['a device', [[{ name: 'set/train.bin', type: 'character-device' }]], 'a character-device, not a file'],
    ['a pipe', [[{ name: 'set/train.bin', type: 'fifo' }]], 'a fifo, not a file'],
    ['one file twice', [good, good], 'holds "set/train.bin" twice'],
    ['a file of another size', [[{ name: 'set/train.bin' }, Buffer.from('hell')]], 'has 4 bytes, expected 5'],
    ['a large file that nobody asked for', [[{ name: 'x' }, Buffer.alloc(2_000_000)], good], '"x" of 2,000,000 bytes'],
    ['many files', Array.from({ length: 70 }, (_, i) => [{ name: `f${i}` }, body]), 'more than 64 files'],
    ['no such file', [[{ name: 'set/test.bin' }, body]], 'The archive lacks "set/train.bin".'],
    ['nothing', [], 'The archive lacks "set/train.bin".'],
  ])('with %s is refused', async (_, entries, message) => {
    await expect(read(await archive(...entries), wanted)).rejects.toThrow(message);
  });

  /** The archive with other bytes as the size of its first entry. */
  async function sized(size: Uint8Array): Promise<Uint8Array> {
    const bytes = await tar([good]);
    bytes.set(size, 124);
    bytes.write('        ', 148);
    const sum = bytes.subarray(0, 512).reduce((a, b) => a + b, 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return new Uint8Array(gzipSync(bytes));
  }
  const binary = (first: number, ...last: readonly number[]): Uint8Array =>
    Uint8Array.from([first, ...Array<number>(11 - last.length).fill(first === 0xff ? 0xff : 0), ...last]);

  test.each([
    ['8 GiB', Buffer.from('77777777777'), 'has 8,589,934,591 bytes, expected 5'],
    ['2^32 - 1 bytes', binary(0x80, 255, 255, 255, 255), 'has 4,294,967,295 bytes, expected 5'],
    ['2^88 - 1 bytes', Uint8Array.from([0x80, ...Array<number>(11).fill(255)]), 'bytes, expected 5'],
    ['-5 bytes', binary(0xff, 0xfb), 'Invalid header'],
    ['no number of bytes', Buffer.from('nonsense    '), 'Invalid header'],
  ])('whose header promises %s is refused before memory is set aside for it', async (_, size, message) => {
    await expect(read(await sized(size), wanted)).rejects.toThrow(message);
  });

  test.each([
    ['a fraction', '4.5', 'has 4 bytes, expected 5'],
    ['less than nothing', '-5', 'Invalid header'],
    ['2^32 - 1', '4294967295', 'has 4,294,967,295 bytes, expected 5'],
    ['no number', 'five', 'Invalid header'],
  ])('whose long header gives %s as the size is refused', async (_, size, message) => {
    const long: Entry = [{ ...good[0], pax: { size } }, body];
    await expect(read(await archive(long), wanted)).rejects.toThrow(message);
  });

  test('that unpacks to endless zeros is stopped at the known size', async () => {
    const bomb = gzipSync(Buffer.concat([await tar([good]), Buffer.alloc(1 << 24)]));
    expect(bomb.length).toBeLessThan(100_000);
    await expect(read(new Uint8Array(bomb), wanted)).rejects.toThrow(
      'unpacks to more than the expected 1,049,605 bytes',
    );
  });

  test('that is cut, or no archive at all, is refused', async () => {
    const whole = await archive(good);
    await expect(read(whole.subarray(0, whole.length - 20), wanted)).rejects.toThrow('unexpected end of file');
    await expect(read(new Uint8Array(gzipSync((await tar([good])).subarray(0, 514))), wanted)).rejects.toThrow(
      'end of data',
    );
    await expect(read(Buffer.from('<html>'), wanted)).rejects.toThrow('incorrect header check');
    await expect(read(new Uint8Array(gzipSync(Buffer.alloc(2000, 'x'))), wanted)).rejects.toThrow('Invalid tar header');
  });

  law.prop([fc.array(fc.tuple(fc.nat(2047), fc.nat(255)), { minLength: 1, maxLength: 3 })], { numRuns: 200 })(
    'with changed bytes gives the wanted file in its size, or an error',
    async (changes) => {
      const bytes = await tar([[{ name: 'set/', type: 'directory' }], good]);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      const found = await read(new Uint8Array(gzipSync(bytes)), wanted).catch((error: unknown) => String(error));
      if (typeof found === 'string') expect(found).toMatch(/^Error: [^\n]+$/);
      else expect(found['set/train.bin']).toHaveLength(5);
    },
  );

  test('that the reader stops reading is closed', async () => {
    const bytes = await archive(good, [{ name: 'set/test.bin' }, body]);
    for await (const { name } of tarMembers(bytes, new Map([...Object.entries(wanted), ['set/test.bin', 5]]))) {
      expect(name).toBe('set/train.bin');
      break;
    }
  });
});

describe('CIFAR from an archive', () => {
  const small = { ...layout10, bytes: () => 3 * 3073 };
  const names = [1, 3, 4, 5, 2].map((i) => `cifar-10-batches-bin/data_batch_${i}.bin`);

  test('comes in the order of its numbers, not in that of the archive', async () => {
    const part = (i: number): Entry => [{ name: names[i]! }, cifarFile(3, (n) => [(3 * i + n) % 10])];
    const test: Entry = [{ name: small.test }, cifarFile(3, () => [7])];
    const halves = await readCifar(await archive(part(0), part(1), part(2), part(3), test, part(4)), small);
    expect([...halves.train.labels]).toEqual([0, 1, 2, 2, 3, 4, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    expect([...halves.test.labels]).toEqual([7, 7, 7]);
    expect(halves.train.images).toHaveLength(15 * 3072);
    expect(halves.train.shape).toEqual([32, 32, 3]);
  });

  test('names the file in which a label is wrong', async () => {
    const entries: Entry[] = [...names, small.test].map((name) => [
      { name },
      cifarFile(3, () => [name.includes('5') ? 10 : 1]),
    ]);
    await expect(readCifar(await archive(...entries), small)).rejects.toThrow(
      'data_batch_5.bin: A label of 10 classes',
    );
  });

  test('of 100 classes has one file for each half', async () => {
    const tiny = { ...layout100, bytes: () => 2 * 3074 };
    const halves = await readCifar(
      await archive(
        [{ name: tiny.test }, cifarFile(2, () => [0, 99])],
        [{ name: tiny.train[0]! }, cifarFile(2, (n) => [0, n])],
      ),
      tiny,
    );
    expect([[...halves.train.labels], [...halves.test.labels]]).toEqual([
      [0, 1],
      [99, 99],
    ]);
  });
});
