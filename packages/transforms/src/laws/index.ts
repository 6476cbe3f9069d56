export type { Law, LawLink, LawOptions } from './law.ts';
export { checkLaws, laws } from './laws.ts';
export { batchOf, exampleLoss, gradient, type LawAux, type LawBatch } from './problem.ts';
