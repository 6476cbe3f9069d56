import { z } from 'zod';
import * as kinds from '../options/kinds.ts';
import { refusal } from '../options/refusal.ts';
import type { Param } from './param.ts';
import type { Written } from './written.ts';

/** Makes options of a kind of value: they differ in what they are for. */
export const valued =
  <Value>({ schema, expects }: kinds.Kind<Value>, written: (value: unknown) => unknown = (value) => value) =>
  (about: string): Param<Value> => ({
    about,
    expects,
    schema,
    read(value, { path, nameOf }) {
      const given = written(value);
      if (!schema.safeParse(given).success) throw refusal(nameOf(path), expects, value);
      return given as Written;
    },
    build: (given) => schema.parse(given),
  });

const number = (schema: z.ZodType<number>, expects: string): kinds.Kind<number> => ({ schema, expects });
/** JSON has no infinity, and YAML writes it with a point. */
const asInf = (value: unknown): unknown =>
  value === Number.POSITIVE_INFINITY || (typeof value === 'string' && /^\.inf$/i.test(value)) ? 'inf' : value;

/** Makes options of numbers that may be infinite. */
const orInfinity =
  (schema: z.ZodType<number>, expects: string) =>
  (about: string): Param<number> => ({
    ...valued({ schema: z.union([schema, z.literal('inf')]), expects }, asInf)(about),
    build: (given) => (given === 'inf' ? Number.POSITIVE_INFINITY : Number(given)),
  });

export const size = valued(kinds.size);
export const positive = valued(kinds.positive);
export const count = valued(kinds.count);
export const belowOne = valued(kinds.share);
export const part = valued(kinds.part);
export const toggle = valued(kinds.toggle);
const seeded = valued(kinds.seed);
export const finite = valued(number(z.number(), 'a finite number'));
export const weight = valued(number(z.number().min(0).max(1), 'a number from 0 to 1'));
export const step = valued(number(z.int().min(0), 'a whole number of at least 0'));
const normed = orInfinity(z.number().min(1), kinds.norm.expects);
export const bound = orInfinity(z.number().positive(), 'a number above 0, or inf');
export const order = valued({ schema: z.union([z.literal(1), z.literal(2)]), expects: '1 or 2' });
export const averaging = valued({
  schema: z.union([z.literal('equal'), z.number().min(0).lt(1)]),
  expects: 'equal, or a number of at least 0 and below 1',
});
export const pair = valued({
  schema: z.tuple([z.number().min(0), z.number().min(0)]),
  expects: 'two numbers of at least 0',
});
export const numbers = valued({ schema: z.array(z.number()).min(1), expects: 'a list of numbers' });
export const boundaries = valued({ schema: z.array(z.int().min(1)), expects: 'a list of steps' });
export const factors = valued({
  schema: z.record(z.string().regex(/^\d+$/), z.number()),
  expects: 'factors by step, such as { 100: 0.1 }',
});
export const oneOf = <const Names extends readonly string[]>(
  ...names: Names
): ((about: string) => Param<Names[number]>) => valued(kinds.oneOf(names));

/** The norm of the neighborhood. */
export const p = normed('the norm of the neighborhood, from 1 to inf');

/** What a link's own random numbers are drawn from. */
export const seed = seeded('what its random numbers are drawn from');
