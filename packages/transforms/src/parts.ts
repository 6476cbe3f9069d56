/** What links are made of, for links of your own: counts, checks, names, and gradient functions in the place of
 * others. */
export { type Call, call } from './links/call.ts';
export { checkFunctions, checkLink, checkScheduled, traitsOf } from './links/check-link.ts';
export { type Count, increment, valueAt, zeroCount } from './links/counted.ts';
export { gradientOfPart, productOfPart } from './links/part.ts';
export { checkAssignment, checkSelection, merge, only } from './links/select.ts';
export { updateWithClean } from './links/with-clean.ts';
export { orthogonalTo } from './relatives/gsam.ts';
export { checkRho } from './sam/sam-transform.ts';
