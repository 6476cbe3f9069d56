import { fc, test as law } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { normalizations, normalize } from '../src/index.ts';

const statistic = fc.double({ min: 0.05, max: 1, noNaN: true });

law.prop([fc.array(fc.tuple(statistic, statistic), { minLength: 1, maxLength: 4 }), fc.nat(255)])(
  'Normalizing is (byte / 255 - mean) / std with the statistics of the channel',
  (channels, byte) => {
    const [mean, std] = [channels.map(([m]) => m), channels.map(([, s]) => s)];
    const pixels = Uint8Array.from({ length: 6 * channels.length }, (_, i) => (byte + 17 * i) % 256);
    const expected = [...pixels].map((p, i) => Math.fround((p / 255 - mean[i % mean.length]!) / std[i % std.length]!));
    expect([...normalize({ mean, std })(pixels)]).toEqual(expected);
  },
);

test('A normalization that cannot be is refused when it is made', () => {
  expect(() => normalize({ mean: [0, 0, 0], std: [1] })).toThrow('got 3 and 1');
  expect(() => normalize({ mean: [], std: [] })).toThrow('got 0 and 0');
  expect(() => normalize({ mean: [0], std: [0] })).toThrow('positive and finite, got 0');
  expect(() => normalize({ mean: [0], std: [Number.NaN] })).toThrow('positive and finite, got NaN');
  expect(() => normalize({ mean: [Number.NaN], std: [1] })).toThrow('A mean must be a finite number, got NaN.');
  for (const odd of [undefined, 'mnist', { mean: 0.1, std: 0.3 }])
    expect(() => normalize(odd as never)).toThrow('normalization must be two lists of numbers, { mean, std }, got');
});

test('Every set of constants has as many means as deviations', () => {
  for (const { mean, std } of Object.values(normalizations)) expect(mean).toHaveLength(std.length);
});
