import { radiusFor } from './radius.ts';

/** Everything that decides a run: equal settings give equal curves. */
export type Settings = {
  /** The radius ρ of the neighborhood, in the p-norm. */
  readonly rho: number;
  /** The norm of the neighborhood, 1 to Infinity. */
  readonly p: number;
  /** How many images share one ε̂. */
  readonly m: number;
  readonly learningRate: number;
  readonly batch: number;
  /** The share of training labels that another class stands in for. */
  readonly noise: number;
  /** How many images to train on. */
  readonly images: number;
  readonly seed: number;
  readonly backend: Backend;
};

export const backends = ['auto', 'webgpu', 'wasm'] as const;
export type Backend = (typeof backends)[number];

/** With these SAM's gain shows after about 300 steps, a minute on WASM: docs of the page say what is measured. */
export const defaults: Settings = {
  rho: 0.3,
  p: 2,
  m: 16,
  learningRate: 0.05,
  batch: 16,
  noise: 0.4,
  images: 400,
  seed: 0,
  backend: 'auto',
};

/** What the controls offer. */
export const choices = {
  rho: [0, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 20],
  learningRate: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
  batch: [8, 16, 32, 64, 128],
  m: [2, 4, 8, 16, 32, 64, 128],
  noise: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
  images: [400, 1000, 2000],
} as const;

type Field = {
  /** Its name in the address. */
  readonly query: string;
  readonly name: keyof Settings;
  readonly read: (text: string) => number | Backend;
  readonly holds: (value: number) => boolean;
  readonly range: string;
};

const finite = (x: number): boolean => Number.isFinite(x);
const number = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));
const whole = (least: number, most: number) => (x: number) => Number.isInteger(x) && x >= least && x <= most;

const fields: readonly Field[] = [
  { query: 'rho', name: 'rho', read: number, holds: (x) => finite(x) && x >= 0, range: 'a number of at least 0' },
  {
    query: 'p',
    name: 'p',
    read: (text) => (/^inf(inity)?$|^∞$/i.test(text) ? Number.POSITIVE_INFINITY : number(text)),
    holds: (x) => x >= 1,
    range: 'at least 1, or inf',
  },
  { query: 'm', name: 'm', read: number, holds: whole(2, 256), range: 'a whole number from 2 to 256' },
  { query: 'lr', name: 'learningRate', read: number, holds: (x) => finite(x) && x > 0, range: 'a positive number' },
  { query: 'batch', name: 'batch', read: number, holds: whole(2, 256), range: 'a whole number from 2 to 256' },
  { query: 'noise', name: 'noise', read: number, holds: (x) => x >= 0 && x < 1, range: 'at least 0 and below 1' },
  { query: 'images', name: 'images', read: number, holds: whole(256, 2000), range: 'a whole number from 256 to 2000' },
  { query: 'seed', name: 'seed', read: number, holds: whole(0, 2 ** 32 - 1), range: 'a whole number below 2³²' },
];

const isBackend = (text: string): text is Backend => (backends as readonly string[]).includes(text);

/** Reads the settings from an address's query; what is wrong there keeps its default and is told of. */
export function parseSettings(query: string): { readonly settings: Settings; readonly problems: readonly string[] } {
  const given = new URLSearchParams(query);
  const settings: Record<string, number | string> = { ...defaults };
  const problems: string[] = [];
  for (const { query: key, name, read, holds, range } of fields) {
    const text = given.get(key);
    if (text === null) continue;
    const value = read(text) as number;
    if (holds(value)) settings[name] = value;
    else problems.push(`${key} must be ${range}, got ${text || 'nothing'}: ${defaults[name]} is used.`);
  }
  const backend = given.get('backend');
  if (backend !== null && isBackend(backend)) settings.backend = backend;
  else if (backend !== null)
    problems.push(`backend must be one of ${backends.join(', ')}, got ${backend}: auto is used.`);
  if (given.has('batch') && !given.has('m')) settings.m = settings.batch as number;
  // A radius means something else for each p: the default one is meant for p = 2.
  if (!given.has('rho')) settings.rho = radiusFor(defaults.rho, defaults.p, settings.p as number);
  // A slice of more images than the batch has is the batch.
  settings.m = Math.min(settings.m as number, settings.batch as number);
  return { settings: settings as Settings, problems };
}

/** Writes settings as a query that `parseSettings` reads: every one of them, so that an address keeps its meaning. */
export function printSettings(settings: Settings): string {
  const query = new URLSearchParams();
  for (const { query: key, name } of fields) {
    const value = settings[name];
    query.set(key, value === Number.POSITIVE_INFINITY ? 'inf' : String(value));
  }
  query.set('backend', settings.backend);
  return `?${query}`;
}
