export { nearest } from './nearest.ts';
export { belowOne, checkNumber, count, finite, nonNegative, positive, type Rule, share, weight } from './number.ts';
export { aNumber, type Check, checkFunction, checkOneOf, checkOptions, oneOf } from './options.ts';
export { shown } from './shown.ts';
