import type { GroupRadii, Schedule } from '@steppe/transforms';
import type { Built, Link, Making, Params, Transforms } from './param.ts';
import type { Written } from './written.ts';

/** What the app knows of a link or of a schedule: everything that is said of it anywhere is made of this. */
export type Entry<Made> = {
  /** One active line. */
  readonly about: string;
  readonly takes: Params;
  /** Options that show how it is used, as one writes them. */
  readonly example: Written;
  /** Makes it of options that were read before. */
  readonly build: (written: Written, making: Making) => Made;
};

const entryOf =
  <Made>() =>
  <const Takes extends Params>({
    make,
    ...entry
  }: Omit<Entry<Made>, 'takes' | 'build'> & {
    readonly takes: Takes;
    readonly make: (transforms: Transforms, options: Built<Takes>, making: Making) => Made;
  }): Entry<Made> => ({
    ...entry,
    build: (written, making) =>
      make(making.transforms, making.options(entry.takes, written, making) as Built<Takes>, making),
  });

/** An entry of a link: the types of its options are those of what they are made into. */
export const link = entryOf<Link>();

/** An entry of a schedule. */
export const schedule = entryOf<Schedule>();

/** An entry of radii by group. */
export const radii = entryOf<GroupRadii>();
