export { nearest } from './nearest.ts';
export { belowOne, checkNumber, count, finite, nonNegative, positive, type Rule, share } from './number.ts';
export { checkFunction, checkOneOf, checkOptions } from './options.ts';
export { shown } from './shown.ts';
