import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { bits, key, normals, permutation, split, threefry2x32, uniforms } from '../src/index.ts';

const seeds = fc.maxSafeNat();
const keys = split(key(2020), 8);

/** Pearson's χ² of counts against equal ones, as a standard normal number by the Wilson-Hilferty transform. */
function score(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  return (Math.cbrt(statistic / freedom) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom));
}

/** How often each of `cells` whole numbers from 0 occurs. */
function tally(values: ArrayLike<number>, cells: number): number[] {
  const counts = new Array<number>(cells).fill(0);
  for (const value of Array.from(values)) counts[value]! += 1;
  return counts;
}

describe('bits', () => {
  property.prop([seeds, fc.nat({ max: 50 }), fc.nat({ max: 50 })])(
    'a longer stream begins with the shorter one',
    (seed, short, more) => {
      expect(bits(key(seed), short + more).subarray(0, short)).toEqual(bits(key(seed), short));
    },
  );

  property.prop([seeds])('are the words of counters 0, 1, 2, ... under the key', (seed) => {
    const k = key(seed);
    expect([...bits(k, 5)]).toEqual([0, 1, 2].flatMap((i) => threefry2x32(k.threefry, [i, 0])).slice(0, 5));
  });

  test('are one half ones at every place', () => {
    const n = 20_000;
    const words = bits(key(1), n);
    for (let place = 0; place < 32; place++) {
      const ones = words.reduce((sum, word) => sum + ((word >>> place) & 1), 0);
      expect(Math.abs(ones - n / 2)).toBeLessThan(4.5 * Math.sqrt(n / 4));
    }
  });
});

describe('uniforms', () => {
  test.each(keys.map((k, i) => [i, k] as const))('fill 256 equal cells evenly, stream %d', (_, k) => {
    const draws = uniforms(k, 100_000);
    expect(
      Math.abs(
        score(
          tally(
            draws.map((u) => Math.floor(u * 256)),
            256,
          ),
        ),
      ),
    ).toBeLessThan(4);
  });

  test('neighbours fill the square evenly', () => {
    const draws = uniforms(key(3), 200_000);
    const cells = Array.from(
      { length: 100_000 },
      (_, i) => 16 * Math.floor(draws[2 * i]! * 16) + Math.floor(draws[2 * i + 1]! * 16),
    );
    expect(Math.abs(score(tally(cells, 256)))).toBeLessThan(4);
  });

  property.prop([seeds])('are multiples of 2⁻²⁴ in [0, 1)', (seed) => {
    for (const u of uniforms(key(seed), 99)) {
      expect(u).toBeGreaterThanOrEqual(0);
      expect(u).toBeLessThan(1);
      expect(Number.isInteger(u * 2 ** 24)).toBe(true);
    }
  });
});

describe('normals', () => {
  /** Φ, by Abramowitz and Stegun 7.1.26: to 10⁻⁷. */
  const cumulative = (x: number): number => {
    const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
    const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    const erf = 1 - tail * Math.exp((-x * x) / 2);
    return 0.5 * (1 + Math.sign(x) * erf);
  };

  test.each(keys.map((k, i) => [i, k] as const))('fill 100 cells of equal probability evenly, stream %d', (_, k) => {
    const cells = normals(k, 100_000).map((x) => Math.min(99, Math.floor(100 * cumulative(x))));
    expect(Math.abs(score(tally(cells, 100)))).toBeLessThan(4);
  });

  test('have the moments of a normal variable', () => {
    const n = 400_000;
    const draws = Array.from(normals(key(5), n));
    const moment = (power: number) => draws.reduce((sum, x) => sum + x ** power, 0) / n;
    // The variance of the k-th power's mean is (E x²ᵏ - (E xᵏ)²) / n.
    for (const [power, expected, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const)
      expect(Math.abs(moment(power) - expected)).toBeLessThan(4.5 * Math.sqrt(variance / n));
  });

  test('the two of a pair are uncorrelated, also in size', () => {
    const n = 100_000;
    const draws = normals(key(6), 2 * n);
    const product = (f: (x: number) => number) =>
      Array.from({ length: n }, (_, i) => f(draws[2 * i]!) * f(draws[2 * i + 1]!)).reduce((sum, x) => sum + x, 0) / n;
    expect(Math.abs(product((x) => x))).toBeLessThan(4.5 / Math.sqrt(n));
    expect(Math.abs(product((x) => x * x - 1))).toBeLessThan(4.5 * (2 / Math.sqrt(n)));
  });

  property.prop([seeds, fc.nat({ max: 33 })])('are finite, and an odd count begins the even one', (seed, count) => {
    const draws = normals(key(seed), count);
    expect(draws).toHaveLength(count);
    expect(draws.every(Number.isFinite)).toBe(true);
    expect(normals(key(seed), count + 1).subarray(0, count)).toEqual(draws);
  });
});

describe('permutation', () => {
  property.prop([seeds, fc.nat({ max: 200 })])('holds each number once', (seed, count) => {
    expect([...permutation(key(seed), count)].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: count }, (_, i) => i),
    );
  });

  test('all orders of four are equally likely', () => {
    const orders = split(key(8), 24_000).map((k) => [...permutation(k, 4)].join(''));
    const counts = new Map<string, number>();
    for (const order of orders) counts.set(order, (counts.get(order) ?? 0) + 1);
    expect(counts.size).toBe(24);
    expect(Math.abs(score([...counts.values()]))).toBeLessThan(4);
  });

  test('every number is equally likely at every place of a long one', () => {
    const places = split(key(9), 5000).map((k) => permutation(k, 50));
    for (const place of [0, 1, 24, 48, 49])
      expect(
        Math.abs(
          score(
            tally(
              places.map((order) => order[place]!),
              50,
            ),
          ),
        ),
      ).toBeLessThan(4.5);
  });
});

test('the same key gives the same numbers on every machine and in every release', () => {
  expect([...bits(key(42), 4)]).toMatchInlineSnapshot(`
    [
      1832780943,
      270669613,
      430176367,
      3485206521,
    ]
  `);
  expect([...uniforms(key(42), 3)]).toMatchInlineSnapshot(`
    [
      0.4267275333404541,
      0.06302016973495483,
      0.1001582145690918,
    ]
  `);
  expect([...normals(key(42), 3)].map((x) => x.toFixed(5))).toMatchInlineSnapshot(`
    [
      "1.20409",
      "0.50337",
      "0.80801",
    ]
  `);
  expect([...permutation(key(42), 8)]).toMatchInlineSnapshot(`
    [
      1,
      6,
      4,
      7,
      5,
      0,
      2,
      3,
    ]
  `);
  expect(split(key(42))).toMatchInlineSnapshot(`
    [
      {
        "threefry": [
          64467757,
          2916123636,
        ],
      },
      {
        "threefry": [
          1154097635,
          473298049,
        ],
      },
    ]
  `);
});

test.each([undefined, null, 7, [1, 2], { threefry: [1] }])('a key that is none is refused: %o', (odd) => {
  expect(() => normals(odd as never, 2)).toThrow('A key is what key(seed) makes, got ');
});

test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('a count that is none is refused: %s', (odd) => {
  expect(() => bits(key(0), odd)).toThrow(`A count of numbers is a whole number of at least 0, got ${odd}.`);
});
