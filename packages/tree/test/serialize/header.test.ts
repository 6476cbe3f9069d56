import { describe, expect, test } from 'vitest';
import { deserialize } from '../../src/index.ts';

const file = (header: string | Uint8Array, data = 0, length?: bigint): Uint8Array => {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
};

const withTensors = (tensors: string): string => `{"__metadata__":{}${tensors && ','}${tensors}}`;

const tensor = (name: string, shape: string, offsets: string, dtype = '"F32"'): string =>
  `"${name}":{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;

const nothing = withTensors('');
const one = (...parts: Parameters<typeof tensor>): string => withTensors(tensor(...parts));
const two = (...tensors: readonly string[]): string => withTensors(tensors.join());

describe('a safetensors header is refused', () => {
  test.each<readonly [string, Uint8Array, string | RegExp]>([
    [
      'with a length of 2^64 - 1',
      file(nothing, 0, 2n ** 64n - 1n),
      'claims 18446744073709551615 bytes, at most 16777216',
    ],
    ['of 100 MB', file(nothing, 0, 100_000_000n), 'claims 100000000 bytes, at most 16777216'],
    ['that ends behind the file', file(nothing, 0, 1000n), 'it is cut short: its header takes 1000 bytes'],
    ['in less than its length takes', new Uint8Array(7), 'it is cut short: it has 7 bytes'],
    ['that begins with a blank', file(` ${nothing}`), 'does not begin with "{"'],
    ['that is a list', file('[]'), 'does not begin with "{"'],
    ['that is no JSON', file('{"__metadata__"}'), 'its header is not JSON'],
    ['that is not UTF-8', file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)), 'not UTF-8'],
    ['with an entry twice', file(two(tensor('w', '[1]', '[0,4]'), tensor('w', '[1]', '[0,4]')), 4), 'is not JSON as'],
    ['with a field twice', file(`{"__metadata__":{"steppe":"1","steppe":"2"}}`), 'is not JSON as'],
    ['with a fraction', file(one('w', '[1.5]', '[0,6]'), 6), 'has the shape [1.5]'],
    ['with a number in other words', file(one('w', '[1.0]', '[0,4]'), 4), 'is not JSON as'],
    ['with a negative side', file(one('w', '[-1,-1]', '[0,4]'), 4), 'has the shape [-1,-1]'],
    ['with a side of -0', file(one('w', '[-0]', '[0,0]')), 'is not JSON as'],
    ['with a shape that is a string', file(one('w', '"4"', '[0,4]'), 4), 'has the shape "4"'],
    ['with a shape that overflows', file(one('w', '[4294967296,4294967296]', '[0,4]'), 4), 'overflows'],
    ['with an overflow times nothing', file(one('w', '[4294967296,4294967296,0]', '[0,0]')), 'overflows'],
    ['with three offsets', file(one('w', '[1]', '[0,4,8]'), 8), 'has the offsets [0,4,8]'],
    ['with offsets that run backwards', file(one('w', '[1]', '[4,0]'), 4), 'takes 4 bytes, its offsets give it -4'],
    ['with offsets of another size', file(one('w', '[2]', '[0,4]'), 4), 'takes 8 bytes, its offsets give it 4'],
    ['with an overlap', file(two(tensor('a', '[1]', '[0,4]'), tensor('b', '[1]', '[2,6]')), 6), '"b" overlaps'],
    ['with a hole', file(two(tensor('a', '[1]', '[0,4]'), tensor('b', '[1]', '[8,12]')), 12), 'a hole before it'],
    ['with a hole at the start', file(one('w', '[1]', '[4,8]'), 8), 'a hole before it'],
    ['with another file behind it', file(one('w', '[1]', '[0,4]'), 9), '5 bytes follow its last tensor'],
    ['with data that is cut short', file(one('w', '[2]', '[0,8]'), 7), 'the tensors take 8 bytes, it has 7'],
    [
      'with an unknown type',
      file(one('w', '[1]', '[0,8]', '"F63"'), 8),
      'has the type "F63", not one of BOOL, I8, U8,',
    ],
    [
      'with a type that is not saved here',
      file(`{"__metadata__":{"steppe":"1"},${tensor('w', '[1]', '[0,8]', '"F64"')}}`, 8),
      'has the type "F64", not one of F32, I32, BOOL',
    ],
    ['of this library, printed anew', file('{"__metadata__": {"steppe":"1"}}'), 'is not JSON as'],
    ['with the type "constructor"', file(one('w', '[1]', '[0,4]', '"constructor"'), 4), 'has the type "constructor"'],
    ['with a type that is no string', file(one('w', '[1]', '[0,4]', '["F32"]'), 4), 'has the type ["F32"]'],
    [
      'with a tensor named __proto__ that is none',
      file(withTensors('"__proto__":{"dtype":"F32"}')),
      '"__proto__" must',
    ],
    [
      'with a tensor of four fields',
      file(withTensors('"w":{"dtype":"F32","shape":[],"data_offsets":[0,4],"x":0}'), 4),
      'and nothing else',
    ],
    ['with a tensor that is a number', file(withTensors('"w":1')), 'must have a dtype'],
    ['with metadata that are numbers', file('{"__metadata__":{"a":1}}'), '__metadata__ is not a record of strings'],
    [
      // Node 20 to 24 cannot print it again, Node 26 can.
      'nested 200,000 deep',
      file(`{"__metadata__":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
      /is not JSON as|__metadata__ is not a record of strings/,
    ],
    [
      'of 100,000 tensors',
      file(two(...Array.from({ length: 100_000 }, (_, i) => tensor(`w${i}`, '[0]', '[0,0]')))),
      'claims 100000 tensors, at most 50000',
    ],
    ['that lost its format', file('{"__metadata__":{"tree":"null"}}'), 'its metadata lacks the format'],
    ['of a later version', file('{"__metadata__":{"steppe":"2"}}'), 'it has format "2", this version reads format "1"'],
    [
      'without digests',
      file('{"__metadata__":{"steppe":"1","tree":"null","metadata":"null"}}'),
      'the SHA-256 that it was written with',
    ],
  ])('%s', async (_, bytes, reason) => {
    const message = await deserialize(bytes).then(
      () => 'accepted',
      (error: Error) => error.message,
    );
    expect(message).toMatch(/^Not an intact tree file: [^\n]{1,250}\. Load an older copy or save it again\.$/);
    expect(message).toMatch(reason);
  });
});

test.each<readonly [string, Uint8Array]>([
  ['with metadata', file(one('w', '[1]', '[0,4]'), 4)],
  ['without metadata', file('{}      ')],
  ['with a type that is not saved here', file(one('w', '[1]', '[0,8]', '"F64"'), 8)],
  [
    'with blanks, escapes and numbers for names',
    file(
      '{ "b":{"shape":[1], "dtype":"U8","data_offsets":[0,1]},\n"\\u0030":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
      2,
    ),
  ],
])('a sound file of another library, %s, is not called damaged', async (_, bytes) => {
  await expect(deserialize(bytes)).rejects.toThrow(
    /^A sound safetensors file of another library, [^\n]*: read its tensors by readSafetensors\.$/,
  );
});
