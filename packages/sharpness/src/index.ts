export type { Batches, PassOptions, Progress } from './examples.ts';
export type { SymmetricOperator, Wanted } from './operators/operator.ts';
export { type OperatorOptions, operatorOf } from './operators/operator-of.ts';
