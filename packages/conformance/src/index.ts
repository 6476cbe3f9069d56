export { allCases } from './all-cases.ts';
export { type Case, exactly, gradientCase, type Input, reals, valueCase, wholes } from './case.ts';
export { type ConformOptions, conform, type Reference, type Row, referenceOf } from './conform.ts';
export { edgeCases } from './edge-cases.ts';
export { formatRows } from './format.ts';
export { kernelCases } from './kernel-cases.ts';
export type { Outcome, Read } from './outcome.ts';
export { type Finding, type SweepOptions, sweep, sweepOps } from './sweep/sweep.ts';
export { trainingCases } from './training-cases.ts';
