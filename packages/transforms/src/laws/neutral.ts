import { chain } from '../links/chain.ts';
import { microBatch } from '../links/micro-batch.ts';
import { samTransform } from '../sam/sam-transform.ts';
import { constant } from '../schedules/decay.ts';
import { needsHessian } from './chains.ts';
import { type Case, type Law, type LawLink, law } from './law.ts';
import { XS } from './problem.ts';
import { expectSame } from './seen.ts';
import { steps } from './steps.ts';

/** The evaluations alone: the report and the states are those of a longer chain. */
const evaluations = async (link: LawLink, at: Case) =>
  (await steps(link, at, 1)).flatMap(({ evaluation }) => evaluation);

/** ρ = 0 equals the chain without SAM, bit for bit. */
export const ignoresZeroRadius: Law = law('is unchanged by SAM of radius 0 on either side, bit for bit', async (at) => {
  const { link } = at;
  const alone = await evaluations(link, at);
  // A link that needs the Hessian refuses to stand behind one that has no derivative.
  if (!needsHessian(at))
    expectSame('chain(samTransform(0), link)', await evaluations(chain(samTransform(0), link), at), alone);
  // Nothing may go uphill behind a link that has turned the gradient around, or may have.
  if ((link.sign ?? 1) === 1)
    expectSame('chain(link, samTransform(0))', await evaluations(chain(link, samTransform(constant(0))), at), alone);
});

/** `microBatch(b)` of a batch of b is the identity. */
export const ignoresOneSlice: Law = law('is unchanged by one slice of the whole batch on either side', async (at) => {
  const { link } = at;
  const alone = await evaluations(link, at);
  const whole = microBatch(XS.length);
  expectSame('chain(microBatch(b), link)', await evaluations(chain(whole, link), at), alone);
  expectSame('chain(link, microBatch(b))', await evaluations(chain(link, whole), at), alone);
});
