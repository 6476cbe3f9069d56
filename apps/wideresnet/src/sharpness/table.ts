/** A measure as the command line knows it. */
export type MeasureEntry = {
  /** The function of `@steppe/sharpness` that takes it, whose row of `about` says what it is. */
  readonly of: string;
  /** How its numbers are called in tables. */
  readonly title: string;
  /** What the command line takes it with, where that is not as the function does by itself. */
  readonly how?: string;
  /** Whether it is taken where nobody says which. */
  readonly usual: boolean;
  /** About how many passes over the images it takes, for the progress bar. */
  readonly passes: number;
  /** Whether it is of several weights, not around one. */
  readonly isBetween?: true;
};

/** Every measure of `steppe sharpness`, in the order in which they are taken and printed. */
export const measureTable = {
  eigenvalues: { of: 'topEigenvalues', title: 'λ_max', usual: true, passes: 40 },
  trace: { of: 'trace', title: 'tr H', usual: true, passes: 30 },
  frobenius: { of: 'frobeniusNorm', title: '‖H‖_F', usual: false, passes: 10 },
  'effective-dimension': {
    of: 'effectiveDimension',
    title: 'effective dimension',
    how: 'with z = 1',
    usual: false,
    passes: 160,
  },
  spectrum: {
    of: 'spectralDensity',
    title: 'spectrum',
    how: 'with 3 probes of 30 products each',
    usual: true,
    passes: 90,
  },
  landscape: { of: 'lossCurve', title: 'landscape in 1-D', usual: true, passes: 41 },
  surface: { of: 'lossSurface', title: 'landscape in 2-D', usual: true, passes: 441 },
  barrier: {
    of: 'lossBarrier',
    title: 'barrier',
    how: 'between the first run and each other one, by the statistics of each batch',
    usual: true,
    passes: 21,
    isBetween: true,
  },
  trajectory: {
    of: 'principalAxes',
    title: 'ways of the runs',
    how: 'through their checkpoints (steppe train --keep-checkpoints), by the statistics of each batch',
    usual: false,
    passes: 441,
    isBetween: true,
  },
} as const satisfies { readonly [name: string]: MeasureEntry };

/** The name of a measure on the command line. */
export type MeasureName = keyof typeof measureTable;

/** Those that are taken between weights. */
export const betweenNames = ['barrier', 'trajectory'] as const satisfies readonly MeasureName[];

/** Those that are taken around the weights of one run. */
export type OwnMeasure = Exclude<MeasureName, (typeof betweenNames)[number]>;

/** Whether a measure is taken around the weights of one run. */
export const isOwn = (name: MeasureName): name is OwnMeasure => !betweenNames.some((other) => other === name);
