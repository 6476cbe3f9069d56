import { isItselfInAChain, nestsFreely } from './chains.ts';
import { checkReady, checkSynchronous } from './check-ready.ts';
import { keepsClean } from './clean.ts';
import { costsWhatItSays } from './cost.ts';
import { failsClean } from './failure.ts';
import type { Law, LawLink, LawOptions } from './law.ts';
import { leaksNothing, resumes } from './loop.ts';
import { ignoresOneSlice, ignoresZeroRadius } from './neutral.ts';
import { passesFunctional, passesProducts } from './products.ts';
import { isPure } from './pure.ts';
import { readsNothing } from './read-back.ts';
import { saysItsSign } from './sign.ts';
import { keepsStructure } from './structure.ts';
import { refusesTied } from './tied.ts';

/**
 * The laws that every link keeps, those of this package and yours: a test of yours runs each of them by its name.
 *
 * They draw trees of parameters with fast-check, which is installed beside this package, need no test framework, and run
 * on the current backend of TensorFlow.js, in Node and in a page. A check counts tensors, so nothing else may make some
 * meanwhile: tests that run concurrently in one process do not fit.
 *
 * @example
 * ```ts
 * import { trace } from '@steppe/transforms';
 * import { laws } from '@steppe/transforms/laws';
 *
 * // In a test file: for (const { name, check } of laws) test(name, () => check(myLink));
 * for (const { check } of laws) await check(trace(0.9), { numRuns: 4 });
 * console.log(laws[0]?.name); // => gives the same bits twice, keeps its inputs, and leaves nothing but results that are its own
 * ```
 */
export const laws: readonly Law[] = [
  isPure,
  keepsStructure,
  isItselfInAChain,
  nestsFreely,
  ignoresZeroRadius,
  ignoresOneSlice,
  costsWhatItSays,
  keepsClean,
  saysItsSign,
  passesProducts,
  passesFunctional,
  readsNothing,
  failsClean,
  refusesTied,
  leaksNothing,
  resumes,
];

/**
 * Checks every law over a link, for a script without a test framework.
 *
 * @throws When the link is none, has no `gradientCost` or waits for something, or TensorFlow.js has no backend; when it breaks a law, with the law, the tree of parameters that it breaks it on and the seed; when
 * fast-check is not installed.
 *
 * @example
 * ```ts
 * import { stateless } from '@steppe/transforms';
 * import { checkLaws } from '@steppe/transforms/laws';
 *
 * try {
 *   await checkLaws(stateless((_, params) => ({ nothing: params }) as never, { name: 'mine' }));
 * } catch (error) {
 *   console.log(String(error).slice(0, 48)); // => Error: mine(…) breaks the law that a link gives
 * }
 * ```
 */
export async function checkLaws(link: LawLink, options: LawOptions = {}): Promise<void> {
  checkReady(link);
  checkSynchronous(link);
  for (const { check } of laws) await check(link, options);
}
