/** A measure as the command line knows it. */
export type MeasureEntry = {
  /** The function of `@steppe/sharpness` that takes it, whose row of `about` says what it is. */
  readonly of: string;
  /** How its numbers are called in tables. */
  readonly title: string;
  /** What the command line takes it with, where that is not as the function does by itself. */
  readonly how?: string;
  /** What it costs with that, where it is not what the function costs by itself. */
  readonly cost?: string;
  /** Whether it is taken where nobody says which. */
  readonly usual: boolean;
  /** About how many passes over the images it takes, for the progress bar. */
  readonly passes: number;
  /** Whether it is of several weights, not around one. */
  readonly isBetween?: true;
};

/** How much longer an adaptive radius is: Kwon et al. train with 0.5 where Foret et al. do with 0.05. */
export const adaptiveFactor = 10;

const byWeights = 'by weights as they are large: ε = |w| ∘ z';

const longer = `${adaptiveFactor} ρ, as radii of ASAM are ${adaptiveFactor} times those of SAM`;

const adaptive = `${byWeights}, ‖z‖ ≤ ${longer}`;

/** Every measure of `steppe sharpness`, in the order in which they are taken and printed. */
export const measureTable = {
  sam: { of: 'samSharpness', title: 'sharpness of SAM', usual: true, passes: 2 },
  'adaptive-sam': { of: 'samSharpness', title: 'adaptive sharpness of SAM', how: adaptive, usual: false, passes: 2 },
  worst: { of: 'worstCaseSharpness', title: 'worst case', usual: true, passes: 22 },
  'adaptive-worst': { of: 'worstCaseSharpness', title: 'adaptive worst case', how: adaptive, usual: true, passes: 22 },
  average: {
    of: 'averageSharpness',
    title: 'average case',
    how: 'with ρ / √n in the place of ρ for n weights, so that z is about ρ long',
    usual: true,
    passes: 21,
  },
  'adaptive-average': {
    of: 'averageSharpness',
    title: 'adaptive average case',
    how: `${byWeights}, z about ${longer}`,
    usual: false,
    passes: 21,
  },
  keskar: { of: 'keskarSharpness', title: 'Keskar', usual: false, passes: 22 },
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
    cost: '90 Hessian products',
    usual: true,
    passes: 90,
  },
  'rho-curve': { of: 'rhoCurve', title: 'rise over ρ', usual: true, passes: 8 },
  certificate: { of: 'samCertificate', title: 'certificate', usual: false, passes: 4 },
  'relative-flatness': { of: 'relativeFlatness', title: 'relative flatness', usual: false, passes: 20 },
  'pac-bayes': { of: 'pacBayesSigma', title: 'PAC-Bayes σ', usual: false, passes: 150 },
  margins: { of: 'margins', title: '10 % margin', usual: false, passes: 1 },
  norm: { of: 'weightNorms', title: '‖w‖', usual: false, passes: 1 },
  bound: { of: 'theorem2Bound', title: "Theorem 2's bound", usual: false, passes: 22 },
  quantization: { of: 'quantizationCurve', title: 'quantized', usual: false, passes: 6 },
  noise: { of: 'noiseCurve', title: 'noisy weights', usual: false, passes: 30 },
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
const betweenNames = ['barrier', 'trajectory'] as const satisfies readonly MeasureName[];

/** Those that are taken around the weights of one run. */
export type OwnMeasure = Exclude<MeasureName, (typeof betweenNames)[number]>;

/** Whether a measure is taken around the weights of one run. */
export const isOwn = (name: MeasureName): name is OwnMeasure => !betweenNames.some((other) => other === name);
