export { type Call, call } from './links/call.ts';
export { checkFunctions, checkLink, checkScheduled, traitsOf } from './links/check-link.ts';
export { checkOptimizer } from './links/check-optimizer.ts';
export { NO_INTEGER, type Share } from './links/combine.ts';
export { costAt, costOf } from './links/cost.ts';
export { type Count, increment, valueAt, zeroCount } from './links/counted.ts';
export { foldKeys } from './links/fold-keys.ts';
export { inPlaceOf, type Known } from './links/in-place-of.ts';
export { gradientOfPart, productOfPart } from './links/part.ts';
export { refusedIn } from './links/refused-in.ts';
export { requireFunctional, requireHvp } from './links/require-hvp.ts';
export { checkAssignment, checkSelection, merge, only } from './links/select.ts';
export { checkSliceOptions } from './links/slice-options.ts';
export { type SliceElsewhere, sliceRules } from './links/slice-rules.ts';
export { updateWithClean } from './links/with-clean.ts';
export { orthogonalTo } from './relatives/gsam.ts';
export {
  eigenvectorCosts,
  eigenvectorOptions,
  refreshEigenvector,
  startEigenvector,
} from './relatives/top-eigenvector.ts';
export { checkRho } from './sam/sam-transform.ts';
