export type { Correction } from './cpu/correction.ts';
export { type Move, volumeCorrectionsBy } from './cpu/volumes.ts';
export { windowCorrections } from './cpu/windows.ts';
