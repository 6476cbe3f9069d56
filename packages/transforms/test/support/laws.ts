import { describe, test } from 'vitest';
import { type Law, laws } from '../../src/laws/index.ts';
import { isPure } from '../../src/laws/pure.ts';
import { keepsStructure } from '../../src/laws/structure.ts';
import { type Instance, secondOrder } from './registry.ts';

const ordered: readonly Instance[] = secondOrder.map((link, i) => ({ name: `of order 2 (${i + 1})`, link }));

/** The corner cases and some drawn trees for the laws that depend most on them: the instances are many. */
const numRunsOf = (law: Law): number => (law === isPure || law === keepsStructure ? 7 : 1);

/** Every law over instances of every exported transformation, on the current backend. */
export function describeLaws(instances: readonly Instance[]): void {
  for (const { name, link } of [...instances, ...ordered])
    describe(name, () => {
      for (const law of laws) test(law.name, () => law.check(link, { numRuns: numRunsOf(law) }));
    });
}
