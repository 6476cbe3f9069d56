export { addScaled, normalized, scaled } from './algebra.ts';
export { fold, type Leaf, leaves, size } from './fold.ts';
export { map, map2, zip } from './map.ts';
export { dot, norm, sum } from './norm.ts';
export { clone, dispose, pure, zerosLike } from './ownership.ts';
export { deserialize, serialize } from './serialize.ts';
export type { Plain } from './serialize-plain.ts';
export type { Static, Tree } from './tree.ts';
