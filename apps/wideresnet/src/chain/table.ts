import type { GroupRadii, Schedule } from '@steppe/transforms';
import { cheapSam } from './cheap-sam.ts';
import { curvatureSam } from './curvature-sam.ts';
import { type Entry, radii as radiiEntry } from './entry.ts';
import { links } from './links.ts';
import { changing, groups } from './nested.ts';
import { optimizers } from './optimizers.ts';
import { type CallKind, type Link, spare } from './param.ts';
import { sam } from './sam.ts';
import { scalings } from './scalings.ts';
import { schedules } from './schedules.ts';
import { select } from './selection.ts';
import { p } from './values.ts';

const byGroup = radiiEntry({
  about: 'gives each group of leaves a radius and a norm of its own',
  takes: {
    groups: groups(
      { select: select('its leaves'), rho: changing('its radius'), p: spare(p) },
      'groups that have each leaf once',
    ),
  },
  example: {
    kernels: { select: 'matrices', rho: 0.05 },
    others: { select: 'norms-and-biases', rho: 0 },
  },
  make: ({ byGroup }, { groups }) => byGroup(groups),
});

/** Everything that a chain is written with, by what it is. */
export const sections = {
  'SAM, and where it looks': sam,
  'SAM for less': cheapSam,
  'SAM and curvature': curvatureSam,
  'Whole optimizers': optimizers,
  'Optimizers without a learning rate': scalings,
  'Links that compose, slice, scale and choose': links,
  Schedules: schedules,
  'Radii by group': { byGroup },
} as const;

/** What can stand in a chain itself. */
const all: { readonly [name: string]: Entry<Link> } = {
  ...sam,
  ...cheapSam,
  ...curvatureSam,
  ...optimizers,
  ...scalings,
  ...links,
};
const changes: { readonly [name: string]: Entry<Schedule> } = schedules;

/** What can stand in each kind of place, by name. */
export const tables: {
  readonly link: { readonly [name: string]: Entry<Link> };
  readonly schedule: { readonly [name: string]: Entry<Schedule> };
  readonly radius: { readonly [name: string]: Entry<Schedule | GroupRadii> };
} = { link: all, schedule: changes, radius: { ...changes, byGroup } };

/** Finds what is known of something by its name. */
export const entryIn = (kind: CallKind, name: string): Entry<unknown> | undefined =>
  Object.hasOwn(tables[kind], name) ? tables[kind][name] : undefined;
