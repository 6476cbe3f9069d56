import { foldIn, key, uniforms } from '@steppe/random';
import { CommandError } from '../commands/exit-codes.ts';
import { type OptionName, optionNames, optionOf } from '../options/schema.ts';
import { grids } from './grids.ts';
import { mostTrials, type Range, type Spec, type Values } from './spec.ts';

/** A range of numbers, whole ones where the option takes no others. */
export type Numbers = Range & { readonly whole: boolean };

/** What each option of a sweep is tried at. */
export type Space = { readonly [option: string]: Values | Numbers };

/** The options of one trial. */
export type Settings = { readonly [option: string]: unknown };

/** Whether something is tried at each of some values, not within a range. */
export const isList = (choices: Values | Numbers): choices is Values => Array.isArray(choices);

const takes = (option: string, value: unknown): boolean =>
  optionNames.some((name) => name === option) && optionOf(option as OptionName).kind.schema.safeParse(value).success;

function numbersOf(option: string, given: Range, file: string): Numbers {
  const { low, high, log, step } = given;
  if (!(low < high))
    throw new CommandError(`search.${option} in ${file} must have low below high, got ${low} and ${high}.`);
  if (log && !(low > 0))
    throw new CommandError(`search.${option} in ${file} must have low above 0 to be log, got ${low}.`);
  if (log && step !== undefined)
    throw new CommandError(`search.${option} in ${file} has a step and log: leave one of them out.`);
  const whole = Number.isInteger(low) && Number.isInteger(high) && takes(option, low) && !takes(option, low + 0.5);
  return { ...given, whole, ...(whole && !log && step === undefined && { step: 1 }) };
}

/**
 * Reads what each option is tried at: a named grid becomes its values.
 *
 * @throws When a range is none, or the option has no grid of that name.
 */
export function spaceOf({ search }: Spec, file: string): Space {
  const entries = Object.entries(search).map(([option, choices]): [string, Values | Numbers] => {
    if (typeof choices !== 'string') return [option, isRange(choices) ? numbersOf(option, choices, file) : choices];
    const values = grids[choices]?.[option];
    if (values !== undefined) return [option, values];
    const known = Object.keys(grids[choices] ?? {}).join(' and ');
    throw new CommandError(`search.${option} in ${file}: the grid ${choices} is one of ${known}: list the values.`);
  });
  return Object.fromEntries(entries);
}

const isRange = (choices: Values | Range): choices is Range => !Array.isArray(choices);

/** Every value of a range with a step; at most its ends where there is none, or too many. */
function valuesIn({ low, high, step }: Numbers): Values {
  if (step === undefined || (high - low) / step > 1000) return [low, high];
  // 3 steps of 0.1 are 0.30000000000000004.
  return Array.from({ length: Math.floor((high - low) / step + 1e-9) + 1 }, (_, i) => rounded(low + i * step));
}

const rounded = (x: number): number => Number(x.toPrecision(12));

/** All combinations of some values of each option, the last option changing fastest. */
function product(values: { readonly [option: string]: Values }): readonly Settings[] {
  return Object.entries(values).reduce<readonly Settings[]>(
    (all, [option, own]) => all.flatMap((settings) => own.map((value) => ({ ...settings, [option]: value }))),
    [{}],
  );
}

/** Every trial of a grid; nothing where an option has a range. */
export function gridOf(space: Space, file: string): readonly Settings[] | undefined {
  const lists = Object.entries(space).flatMap(([option, choices]): [string, Values][] =>
    isList(choices) ? [[option, choices]] : [],
  );
  if (lists.length < Object.keys(space).length) return undefined;
  const size = lists.reduce((n, [, values]) => n * values.length, 1);
  if (size > mostTrials)
    throw new CommandError(
      `search in ${file} has ${size} combinations, and a sweep at most ${mostTrials}: list fewer values, or draw from ranges.`,
    );
  return product(Object.fromEntries(lists));
}

/** More trials than are looked at one by one before the first begins. */
const mostChecked = 10_000;

/** Combinations that stand for all: of the values, and of the ends of the ranges. */
export function corners(space: Space): readonly Settings[] {
  const all = Object.entries(space).map(([option, choices]) => [option, isList(choices) ? choices : valuesIn(choices)]);
  const values: { readonly [option: string]: Values } = Object.fromEntries(all);
  const count = Object.values(values).reduce((n, own) => n * own.length, 1);
  if (count <= mostChecked) return product(values);
  // Each value beside the first ones of the others.
  const first = Object.fromEntries(Object.entries(values).map(([option, [value]]) => [option, value]));
  return Object.entries(values).flatMap(([option, own]) => own.map((value) => ({ ...first, [option]: value })));
}

/** A value at a share of the way through what is tried. */
function at(choices: Values | Numbers, u: number): unknown {
  if (isList(choices)) return choices[Math.min(choices.length - 1, Math.floor(u * choices.length))];
  const { low, high, log, step, whole } = choices;
  if (step !== undefined) return rounded(low + step * Math.floor(u * (Math.floor((high - low) / step + 1e-9) + 1)));
  const x = log ? low * (high / low) ** u : low + u * (high - low);
  return whole ? Math.round(x) : Number(x.toPrecision(6));
}

/** Random trials, the same ones for the same seed: log ranges evenly in the logarithm. */
export function drawTrials(space: Space, count: number, seed: number): readonly Settings[] {
  const options = Object.entries(space);
  return Array.from({ length: count }, (_, trial) => {
    const draws = uniforms(foldIn(key(seed), trial), options.length);
    return Object.fromEntries(options.map(([option, choices], i) => [option, at(choices, draws[i] ?? 0)]));
  });
}
