import type { OwnMeasure } from './table.ts';
import { takeLandscapes } from './take-landscapes.ts';
import { takeNorms } from './take-norms.ts';
import { takeRises } from './take-rises.ts';
import { takeSpectra } from './take-spectra.ts';
import type { Take } from './taking.ts';

/** How each measure of one run is taken. */
export const takes: { readonly [name in OwnMeasure]: Take } = {
  ...takeRises,
  ...takeSpectra,
  ...takeNorms,
  ...takeLandscapes,
};
