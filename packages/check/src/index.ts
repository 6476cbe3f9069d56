export { asBytes } from './as-bytes.ts';
export { looksLike } from './looks-like.ts';
export { nearest } from './nearest.ts';
export { belowOne, checkNumber, count, finite, nonNegative, positive, type Rule, share, weight } from './number.ts';
export { aNumber, type Check, checkFunction, checkOneOf, checkOptions, checkRecord, oneOf } from './options.ts';
export { refusal } from './refusal.ts';
export { shown } from './shown.ts';
