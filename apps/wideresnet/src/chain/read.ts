import { nearest } from '@steppe/check';
import { CommandError } from '../commands/exit-codes.ts';
import { refusal, shown } from '../options/refusal.ts';
import { notLinks } from './not-links.ts';
import { type CallKind, type Params, type Place, within } from './param.ts';
import { entryIn, tables } from './table.ts';
import { isRecord, type WrittenCall, type WrittenChain, type WrittenOptions } from './written.ts';

/** More links inside of links than anybody means. */
const deepest = 16;

const words = {
  link: ['link', 'a link such as { samTransform: 0.05 }'],
  schedule: ['schedule', 'a schedule such as { cosineDecay: 0.1 }'],
  radius: ['schedule', 'a schedule such as { linear: { from: 0.1, to: 0.05 } }, or { byGroup: ... }'],
} as const;

const meant = (name: string, known: readonly string[], otherwise: string): string => {
  const guess = nearest(name, known);
  return guess === undefined ? otherwise : `: did you mean ${guess}?`;
};

/** Whether a record is the value of the first option, and not a record of options. */
function isShort(
  value: Readonly<Record<string, unknown>>,
  takes: Params,
  short: CallKind | 'groups' | undefined,
): boolean {
  const names = Object.keys(value);
  if (short === undefined || names.length === 0 || names.some((name) => name in takes)) return false;
  return short === 'groups' || (names.length === 1 && entryIn(short, names[0] ?? '') !== undefined);
}

/** Reads the options of something by the names that it takes; what is no record is the first of them. */
function readOptions(takes: Params, value: unknown, place: Place): WrittenOptions {
  const names = Object.keys(takes);
  const [first = ''] = names;
  const short = takes[first]?.short;
  const given = value ?? {};
  const options = names.length > 0 && (!isRecord(given) || isShort(given, takes, short)) ? { [first]: given } : given;
  if (!isRecord(options)) throw refusal(place.nameOf(place.path), 'without options', value);
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const others = short === undefined || short === 'groups' ? [] : Object.keys(tables[short]);
    const known = names.length === 0 ? ': it takes none.' : `: it takes ${names.join(', ')}.`;
    throw new CommandError(
      `${place.nameOf(place.path)} has no option ${shown(unknown)}${meant(unknown, [...names, ...others], known)}`,
    );
  }
  return Object.fromEntries(
    Object.entries(takes).flatMap(([name, param]) => {
      const at = within(place, `.${name}`);
      const said = options[name] ?? undefined;
      if (said !== undefined) return [[name, param.read(said, at)]];
      if (param.spare) return [];
      throw new CommandError(`${place.nameOf(at.path)} is missing: it must be ${param.expects}.`);
    }),
  );
}

/** Reads one link or schedule: its name alone, or a record of its name and its options. */
function readCall(kind: CallKind, value: unknown, place: Place): WrittenCall {
  const here = place.nameOf(place.path);
  const [what, expects] = words[kind];
  if (place.depth > deepest)
    throw new CommandError(`${place.nameOf('chain')} has links inside of more than ${deepest} links.`);
  const call = typeof value === 'string' ? { [value]: {} } : value;
  if (!isRecord(call)) throw refusal(here, expects, value);
  const [name, ...others] = Object.keys(call);
  if (name === undefined || others.length > 0) {
    const hint = others.length > 0 ? ` Put each ${what} into a record of its own.` : '';
    throw new CommandError(`${refusal(here, `one ${what}`, value).message}${hint}`);
  }
  const entry = entryIn(kind, name);
  if (Object.hasOwn(notLinks, name)) throw new CommandError(`${here}: ${name} ${notLinks[name]}.`);
  if (entry === undefined)
    throw new CommandError(
      `${here}: ${shown(name)} is no ${what}${meant(name, Object.keys(tables[kind]), '; steppe links lists them.')}`,
    );
  return { [name]: readOptions(entry.takes, call[name], { ...within(place, `.${name}`), depth: place.depth + 1 }) };
}

function readLinks(value: unknown, place: Place): WrittenChain {
  if (Array.isArray(value)) return value.map((one, i) => readCall('link', one, within(place, `[${i}]`)));
  return [readCall('link', value, place)];
}

/**
 * Reads a chain that came from a config file or the command line, and gives it in the one form in which it is kept:
 * each link a record of its name and all options that were said, links inside of links in lists.
 *
 * @param nameOf - A path in it as whoever said it would write it.
 * @throws When a link or an option is unknown, missing or wrong, in one line with the path and what is allowed.
 */
export const readChain = (value: unknown, nameOf: (path: string) => string): WrittenChain =>
  readLinks(value, {
    path: 'chain',
    nameOf,
    depth: 0,
    links: readLinks,
    call: readCall,
    options: readOptions,
  });
