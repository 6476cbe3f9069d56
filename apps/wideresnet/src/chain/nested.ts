import type { GroupRadii, Schedule } from '@steppe/transforms';
import { z } from 'zod';
import { refusal } from '../options/refusal.ts';
import { type Built, type CallKind, type Link, type Making, type Param, type Params, within } from './param.ts';
import { part, size, weight } from './values.ts';
import { isRecord, type Written } from './written.ts';

/** What JSON Schema says of something nested: its own definition. */
const definition = (kind: CallKind | 'links'): z.ZodType => z.unknown().meta({ $ref: `#/$defs/${kind}` });

const aSchedule = 'a schedule such as { cosineDecay: 0.1 }';

/** What is made of something nested once it is known for how many steps it is; those around it unless said. */
type Late<Made> = (steps?: number) => Made;

const lately =
  <Made>(build: (making: Making) => Made, making: Making): Late<Made> =>
  (steps = making.steps) =>
    build({ ...making, steps: Math.max(1, steps) });

/** A link, or several in a list, which are a chain. */
export const links = (about: string): Param<Late<Link>> => ({
  about,
  expects: 'a link or a list of links',
  schema: definition('links'),
  read: (value, place) => place.links(value, place),
  build: (written, making) => lately((at) => making.links(written, at), making),
  short: 'link',
});

/** A schedule, and no number. */
export const lateSchedule = (about: string): Param<Late<Schedule>> => ({
  about,
  expects: aSchedule,
  schema: definition('schedule'),
  read: (value, place) => {
    if (!isRecord(value)) throw refusal(place.nameOf(place.path), aSchedule, value);
    return place.call('schedule', value, place);
  },
  build: (written, making) => lately((at) => making.call(written, at) as Schedule, making),
  short: 'schedule',
});

/** Schedules in a list. */
export const lateSchedules = (about: string): Param<readonly Late<Schedule>[]> => {
  const each = lateSchedule(about);
  const expects = 'a list of schedules';
  return {
    about,
    expects,
    schema: z.array(each.schema).min(1),
    read(value, place) {
      if (!Array.isArray(value)) throw refusal(place.nameOf(place.path), expects, value);
      return value.map((one, i) => each.read(one, within(place, `[${i}]`)));
    },
    build: (written, making) =>
      (written as readonly Written[]).map((one, i) => each.build(one, within(making, `[${i}]`))),
  };
};

/** A number or a schedule of it. */
function scheduled<Made>(
  kind: 'schedule' | 'radius',
  value: (about: string) => Param<number>,
  about: string,
): Param<Late<number | Made>> {
  const plain = value(about);
  const expects = `${plain.expects}, or ${aSchedule}`;
  return {
    about,
    expects,
    schema: z.union([plain.schema, definition(kind)]),
    read(given, place) {
      if (isRecord(given)) return place.call(kind, given, place);
      if (typeof given !== 'number') throw refusal(place.nameOf(place.path), expects, given);
      return plain.read(given, place);
    },
    build: (written, making) =>
      lately((at) => (typeof written === 'number' ? written : (making.call(written, at) as Made)), making),
    short: kind,
  };
}

const now = <Made>(param: Param<Late<Made>>): Param<Made> => ({
  ...param,
  build: (written, making) => param.build(written, making)(),
});

/** A learning rate, or a schedule of one. */
export const rate: Param<number | Schedule> = now(scheduled<Schedule>('schedule', size, 'the learning rate'));

/** A size that may change with the steps. */
export const changing = (about: string): Param<number | Schedule> => now(scheduled<Schedule>('schedule', size, about));
export const changingWeight = (about: string): Param<number | Schedule> =>
  now(scheduled<Schedule>('schedule', weight, about));
export const changingPart = (about: string): Param<number | Schedule> =>
  now(scheduled<Schedule>('schedule', part, about));

/** The radius of SAM, which may be one for each group of leaves. */
export const lateRadius: Param<Late<number | Schedule | GroupRadii>> = scheduled<Schedule | GroupRadii>(
  'radius',
  size,
  'the radius: how far it looks',
);
export const radius: Param<number | Schedule | GroupRadii> = now(lateRadius);

/** The radius of what knows no groups. */
export const rho: Param<number | Schedule> = changing('the radius: how far it looks');

/** Options in a record of their own. */
export const record = <Takes extends Params>(takes: Takes, about: string): Param<Built<Takes>> => ({
  about,
  expects: `options: ${Object.keys(takes).join(', ')}`,
  schema: optionsSchema(takes),
  read: (value, place) => place.options(takes, value, place),
  build: (written, making) => making.options(takes, written, making) as Built<Takes>,
});

/** The path of a group, whose name may be any text. */
const named = (name: string): string => (/^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`);

/** Options of each of some groups, by the groups' names. */
export const groups = <Takes extends Params>(
  takes: Takes,
  about: string,
): Param<{ readonly [name: string]: Built<Takes> }> => {
  const each = record(takes, about);
  const expects = `groups by name, each with ${Object.keys(takes).join(', ')}`;
  const entries = (value: object) => Object.entries(value) as readonly (readonly [string, Written])[];
  return {
    about,
    expects,
    schema: z.record(z.string(), each.schema),
    read(value, place) {
      if (!isRecord(value) || Object.keys(value).length === 0) throw refusal(place.nameOf(place.path), expects, value);
      return Object.fromEntries(
        entries(value).map(([name, one]) => [name, each.read(one, within(place, named(name)))]),
      );
    },
    build: (written, making) =>
      Object.fromEntries(
        entries(written as object).map(([name, one]) => [name, each.build(one, within(making, named(name)))]),
      ),
    short: 'groups',
  };
};

/** The options of a link as a schema: unknown ones are refused. */
export const optionsSchema = (takes: Params): z.ZodType =>
  z.strictObject(
    Object.fromEntries(
      Object.entries(takes).map(([name, { schema, about, spare, otherwise }]) => {
        const described = schema.meta({
          ...schema.meta(),
          description: about,
          ...(otherwise !== undefined && { default: otherwise }),
        });
        return [name, spare ? described.optional() : described];
      }),
    ),
  );
