import { during } from './during.ts';

/** Draws a float32 tensor by Threefry: a pure function of the key. */
export const Draw = 'SteppeDraw';

/** What a key is: two words of 32 bits, unsigned. */
export type KeyWords = readonly [number, number];

/** The distributions in the order of `STEPPE_UNIFORM` and what follows it in steppe.h. */
export const distributions = ['uniform', 'normal', 'bernoulli'] as const;

export type DrawAttrs = {
  readonly shape: number[];
  readonly distribution: (typeof distributions)[number];
  /** The lower end of `uniform`, the probability of `bernoulli`. */
  readonly a: number;
  /** The upper end of `uniform`. */
  readonly b: number;
};

/** Sees what becomes of keys while a function is recorded, whose keys are others at every replay. */
export type KeyWatch = {
  /** A key was derived from another one under a counter. */
  derived(parent: KeyWords, counter: KeyWords, child: KeyWords): void;
  /** Random bits of a key were drawn on the host. */
  drawn(key: KeyWords): void;
  /** Something else was about to be done that no replay can do again: gives an error for it. @throws When called. */
  refuse?(what: string): void;
};

/** Where the watch stands: one for all copies of this package in a process, as there is one TensorFlow.js for them. */
const watching = Symbol.for('steppe/kernels/keyWatch');
const realm: typeof globalThis & { [watching]?: KeyWatch } = globalThis;

/** Runs `use` and tells `watch` of its keys. */
export const watchKeys = <Result>(watch: KeyWatch, use: () => Result): Result => during(watching, watch, use);

/** Who watches keys now. */
export const keyWatch = (): KeyWatch | undefined => realm[watching];
