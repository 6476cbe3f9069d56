import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { key } from '@steppe/random';
import { expect, test } from 'vitest';
import { applySubPolicy } from '../../src/bytes/auto-augment.ts';
import { applyJitter } from '../../src/bytes/color-jitter.ts';
import { fillOf } from '../../src/bytes/fill.ts';
import { applyOperation, type OperationName } from '../../src/bytes/operations.ts';
import { policies } from '../../src/bytes/policies.ts';
import { applyOperations } from '../../src/bytes/rand-augment.ts';
import type { ByteImage, Shape } from '../../src/index.ts';

type Fixture = {
  readonly images: { readonly [name: string]: { readonly shape: Shape; readonly pixels: string } };
  readonly operations: readonly [
    image: string,
    name: OperationName,
    level: number,
    levels: number,
    negate: boolean,
    fill: number | number[],
    crc: number,
  ][];
  readonly autoAugment: readonly [
    policy: keyof typeof policies,
    i: number,
    takes: boolean[],
    negate: boolean[],
    crc: number,
  ][];
  readonly randAugment: readonly [magnitude: number, draws: [name: OperationName, negate: boolean][], crc: number][];
  readonly colorJitter: readonly [image: string, order: number[], factors: number[], crc: number][];
};

/** What tools/vectors/augmentations.py wrote: results of PIL and torchvision, as CRC-32 of their pixels. */
const fixture: Fixture = JSON.parse(readFileSync(new URL('../fixtures/augmentations.json', import.meta.url), 'utf8'));

const imageOf = (name: string): ByteImage => {
  const { shape, pixels } = fixture.images[name]!;
  return { shape, pixels: Uint8Array.from(Buffer.from(pixels, 'base64')) };
};

/** What differs from the fixture, all of it at once. */
const differing = <Case extends readonly unknown[]>(cases: readonly Case[], run: (given: Case) => ByteImage) =>
  cases.filter((given) => crc32(run(given).pixels) !== given.at(-1)).map((given) => given.slice(0, -1).join(' '));

test('every operation at every strength gives the bytes of PIL', () => {
  expect(fixture.operations.length).toBeGreaterThan(1000);
  expect(
    differing(fixture.operations, ([name, operation, level, levels, negate, fill]) => {
      const image = imageOf(name);
      return applyOperation(operation, image, [level, levels], { negate, fill: fillOf(fill, image), key: key(0) });
    }),
  ).toEqual([]);
});

test('every sub-policy of AutoAugment gives the bytes of torchvision for the same draws', () => {
  expect(fixture.autoAugment).toHaveLength(75);
  expect(
    differing(fixture.autoAugment, ([policy, i, takes, negate]) => {
      const draws = takes.map((take, j) => ({ u: take ? 0 : 1, negate: negate[j]! }));
      return applySubPolicy(policies[policy][i]!, imageOf('square'), draws, { fill: [0, 0, 0], key: key(0) });
    }),
  ).toEqual([]);
});

test('RandAugment gives the bytes of torchvision for the same draws', () => {
  expect(
    differing(fixture.randAugment, ([magnitude, draws]) =>
      applyOperations(
        draws.map(([name, negate]) => ({ name, negate })),
        imageOf('square'),
        magnitude,
        0,
        key(0),
      ),
    ),
  ).toEqual([]);
});

test('colour jitter gives the bytes of torchvision for the same order and factors', () => {
  expect(
    differing(fixture.colorJitter, ([name, order, factors]) => applyJitter({ order, factors }, imageOf(name))),
  ).toEqual([]);
});
