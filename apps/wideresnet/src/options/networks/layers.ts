import { count, type Kind, narrowed } from '../kinds.ts';

/** More layers than this no published network has, and no machine holds. */
const most = 2000;

/** Counts of layers of a network that has three stages of equal blocks, and two layers beside them. */
export const layersOf = (inBlocks: number, such: string): Kind<number> =>
  narrowed(count, `${inBlocks}n + 2 (${such})`, (depth) => depth > inBlocks && depth <= most && depth % inBlocks === 2);

/** Counts of channels: more would not fit any machine. */
export const channels: Kind<number> = narrowed(count, 'a whole number from 1 to 65536', (n) => n <= 65_536);
