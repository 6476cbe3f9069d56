import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import * as transforms from '../src/index.ts';
import { expectAssociative } from '../src/laws/chains.ts';
import { law, takes } from '../src/laws/law.ts';
import { describeLaws } from './support/laws.ts';
import { instances, others, registry } from './support/registry.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('every exported transformation', () => {
  test('stands in the registry that the laws run over', () => {
    expect(Object.keys(transforms).sort()).toEqual([...Object.keys(registry), ...Object.keys(others)].sort());
  });

  describeLaws(instances);
});

test('any three of them make the same chain, however it nests', async () => {
  const any = fc.constantFrom(...instances.filter(({ link }) => link.sign !== -1));
  const property = fc.asyncProperty(any, any, any, async ({ link: a }, { link: b }, { link: c }) => {
    const nests = law('nests', async (at) => {
      if ([a, c].every((link) => takes(link, at.plan))) await expectAssociative(a, b, c, at);
    });
    await nests.check(b, { numRuns: 1 });
  });
  await fc.assert(property, { numRuns: 12 });
});
