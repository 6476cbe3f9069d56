export { betas, gammas } from './gamma.ts';
export { foldIn, isKey, type Key, key, split } from './key.ts';
export { bits, normals, permutation, uniforms } from './numbers.ts';
export { bernoulli, normal, uniform } from './tensors.ts';
export { threefry2x32 } from './threefry.ts';
