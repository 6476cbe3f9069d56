import { chain } from '../links/chain.ts';
import { scaleBySchedule } from '../links/scale.ts';
import { trace } from '../optimizers/trace.ts';
import { samTransform } from '../sam/sam-transform.ts';
import { constant } from '../schedules/decay.ts';
import { counting } from './counting.ts';
import { type Case, type Law, type LawLink, law } from './law.ts';
import { gradient } from './problem.ts';
import { expectSameSteps, steps } from './steps.ts';

/** Whether a link asks for Hessian products: it stands behind links that pass them on. */
export function needsHessian({ link, params, batch }: Case): boolean {
  const counted = counting(gradient);
  link.update(counted.gradient, link.init(params), params, batch);
  return counted.products() > 0;
}

/** The identity of chains. */
export const isItselfInAChain: Law = law('is itself in a chain, and beside the empty chain', async (at) => {
  const alone = await steps(at.link, at);
  const { link } = at;
  expectSameSteps('chain(chain(), link)', await steps(chain(chain(), link), at), alone);
  expectSameSteps('chain(chain(link), chain())', await steps(chain(chain(link), chain()), at), alone);
});

/** Refuses three links that differ by how their chains nest. */
export async function expectAssociative(a: LawLink, b: LawLink, c: LawLink, at: Case): Promise<void> {
  const all = await steps(chain(a, b, c), at);
  expectSameSteps('chain(a, chain(b, c))', await steps(chain(a, chain(b, c)), at), all);
  expectSameSteps('chain(chain(a, b), c)', await steps(chain(chain(a, b), c), at), all);
}

/** Associativity: chain(a, chain(b, c)) = chain(chain(a, b), c) = chain(a, b, c). */
export const nestsFreely: Law = law('is the same however the chain that it stands in nests', async (at) => {
  const { sign = 1 } = at.link;
  // One with a state before it and, where nothing has turned the gradient around, one that evaluates twice behind it.
  const before = scaleBySchedule(constant(0.5));
  await expectAssociative(before, at.link, sign === 1 ? samTransform(0.1) : trace(0.9), at);
});
