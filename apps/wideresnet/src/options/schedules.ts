import type { Schedule } from '@steppe/transforms';

type Transforms = typeof import('@steppe/transforms');

/** The options that shape a schedule and mean nothing to some. */
type ShapeOptions = { readonly power?: number | undefined; readonly cooldown?: number | undefined };

/** What a schedule is made of; the rate is negative where it ends a chain. */
export type ScheduleParts = ShapeOptions & {
  readonly rate: number;
  /** T, of the whole run. */
  readonly steps: number;
  /** W, at the beginning of it. */
  readonly warmup: number;
};

/** What the app knows of a schedule of the learning rate. */
export type ScheduleEntry = {
  readonly about: string;
  readonly takes: readonly (keyof ShapeOptions)[];
  /** The last step that a warm-up may end at. */
  readonly warmupUntil: (parts: Omit<ScheduleParts, 'warmup'>) => number;
  /** Makes it of the package that is only loaded when a run begins. */
  readonly make: (transforms: Transforms, parts: ScheduleParts) => Schedule;
};

/** The shares of a run after which `step` lowers the rate: after 60, 120 and 160 of 200 epochs. */
const falls = [0.3, 0.6, 0.8];

/** The share of the steps in which `wsd` lowers the rate, unless it is said. */
const standardCooldown = 0.2;

/** A schedule behind its warm-up, if any. */
const warmed = (
  { withWarmup }: Transforms,
  { steps, warmup }: ScheduleParts,
  make: (steps: number) => Schedule,
): Schedule => (warmup === 0 ? make(steps) : withWarmup(make(steps - warmup), warmup));

const untilTheLast = ({ steps }: { readonly steps: number }): number => steps - 1;

/** The factors of `step` by the steps at which they apply, those that fall on one step multiplied. */
function factorsOf({ steps, warmup }: ScheduleParts): { readonly [step: number]: number } {
  const factors: { [step: number]: number } = {};
  for (const share of falls) {
    const at = Math.max(1, Math.round(share * steps) - warmup);
    factors[at] = (factors[at] ?? 1) * 0.2;
  }
  return factors;
}

/** The schedules of the learning rate, by name: adding one here is all that it takes. */
export const schedules = {
  cosine: {
    about: 'along half a cosine to 0',
    takes: [],
    warmupUntil: untilTheLast,
    make: (transforms, parts) => warmed(transforms, parts, (steps) => transforms.cosineDecay(parts.rate, steps)),
  },
  step: {
    about: 'a fifth at 30, 60 and 80 % of the steps',
    takes: [],
    warmupUntil: untilTheLast,
    make: (transforms, parts) => warmed(transforms, parts, () => transforms.piecewise(parts.rate, factorsOf(parts))),
  },
  polynomial: {
    about: '(1 - t/T)^power',
    takes: ['power'],
    warmupUntil: untilTheLast,
    make: (transforms, parts) =>
      warmed(transforms, parts, (steps) => transforms.polynomial(parts.rate, 0, steps, parts.power ?? 1)),
  },
  constant: {
    about: 'as it is',
    takes: [],
    warmupUntil: untilTheLast,
    make: (transforms, parts) => warmed(transforms, parts, () => transforms.constant(parts.rate)),
  },
  wsd: {
    about: 'as it is, then straight to 0 in the cooldown',
    takes: ['cooldown'],
    warmupUntil: ({ steps, cooldown = standardCooldown }) => Math.min(Math.round((1 - cooldown) * steps), steps - 1),
    make: ({ warmupStableDecay }, { rate, steps, warmup, cooldown = standardCooldown }) =>
      warmupStableDecay(rate, steps, cooldown, warmup === 0 ? {} : { warmup }),
  },
} as const satisfies { readonly [name: string]: ScheduleEntry };
