export { secondDerivatives, trustSecondDerivative } from './coverage.ts';
export type { FunctionalFn } from './functional.ts';
export type { ValueAndGrad } from './gradient.ts';
export { hvp, jvp } from './hvp.ts';
export { secondDerivativeError } from './self-check.ts';
export { unusedLeaves } from './unused-leaves.ts';
export { type ValueAndGradFn, valueAndGrad } from './value-and-grad.ts';
