import type { OwnMeasure } from './table.ts';
import { takeLandscapes } from './take-landscapes.ts';
import { takeSpectra } from './take-spectra.ts';
import type { Take } from './taking.ts';

/** How each measure of one run is taken. */
export const takes: { readonly [name in OwnMeasure]: Take } = { ...takeSpectra, ...takeLandscapes };
