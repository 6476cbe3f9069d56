/** The radii among which the paper searches, at p = 2. */
export const paperRhos: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

/**
 * Grids with a name, by the option that they are for: adding one here is all that it takes.
 *
 * @see Foret et al., ICLR 2021, section 3.1: the radius is chosen on 10 % held-out training images.
 * Table 8 has the same radii and none, for each share of wrong labels of table 4.
 */
export const grids: { readonly [name: string]: { readonly [option: string]: readonly number[] } } = {
  paper: { rho: paperRhos, 'label-noise': [0.2, 0.4, 0.6, 0.8] },
  table8: { rho: [0, ...paperRhos] },
};
