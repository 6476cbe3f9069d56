import { z } from 'zod';

/** A kind of value: what it allows, and how that is said. */
export type Kind<Value> = {
  readonly schema: z.ZodType<Value>;
  /** What ends the sentence "--rho must be ...". */
  readonly expects: string;
  /** Reads a value that has parts, where the sentence alone would not say which part is wrong. */
  readonly read?: (value: unknown, nameOf: (path: string) => string) => Value;
  /** The kind that it allows a part of. */
  readonly wider?: Kind<Value>;
};

/** A kind that allows less than another one. */
export const narrowed = <Value>(
  wider: Kind<Value>,
  expects: string,
  allows: (value: Value) => boolean,
): Kind<Value> => ({ schema: wider.schema.refine(allows), expects, wider });

/** One of some names. */
export const oneOf = <const Names extends readonly string[]>(names: Names): Kind<Names[number]> => ({
  schema: z.enum(names),
  expects: `one of ${names.join(', ')}`,
});

/** How many of something there are. */
export const count: Kind<number> = { schema: z.int().min(1), expects: 'a whole number of at least 1' };

/** A part of a whole that is never the whole. */
export const share: Kind<number> = {
  schema: z.number().min(0).lt(1),
  expects: 'a number of at least 0 and below 1',
};

/** A part of a whole that may be the whole, not nothing. */
export const part: Kind<number> = {
  schema: z.number().positive().max(1),
  expects: 'a number above 0 and at most 1',
};

/** A part of a whole that is neither nothing nor the whole. */
export const inside: Kind<number> = {
  schema: z.number().positive().lt(1),
  expects: 'a number above 0 and below 1',
};

/** A part of a whole, or how many of it. */
export const shareOrCount: Kind<number> = {
  schema: z.union([z.number().positive().lt(1), z.int().min(1)]),
  expects: 'a share above 0 and below 1, or a whole number of at least 1',
};

/** Beyond it a number is infinite on the device. */
const float32 = z.number().max(2 ** 128 - 2 ** 104);

/** The side of an image in pixels: of held-out ones the shorter side is made an eighth longer first, at most 4096. */
export const side: Kind<number> = { schema: z.int().min(1).max(3584), expects: 'a whole number from 1 to 3584' };

/** How many threads there are; none is a number, too. */
export const workers: Kind<number> = { schema: z.int().min(0).max(64), expects: 'a whole number from 0 to 64' };

/** A size that may be nothing. */
export const size: Kind<number> = { schema: float32.min(0), expects: 'a finite number of at least 0' };

/** A size that is something. */
export const positive: Kind<number> = { schema: float32.positive(), expects: 'a finite number above 0' };

/** What random numbers are drawn from. */
export const seed: Kind<number> = { schema: z.int().min(0), expects: 'a whole number from 0 to 2^53 - 1' };

/** A switch. */
export const toggle: Kind<boolean> = { schema: z.boolean(), expects: 'true or false' };

/** A path may hold every character but the one that ends a text for the system. */
const path = z
  .string()
  .min(1)
  .refine((text) => !text.includes('\0'));

/** A folder that files are read from. */
export const folder: Kind<string> = { schema: path, expects: 'a folder' };

/** A file, or a folder that it is in. */
export const file: Kind<string> = { schema: path, expects: 'a file, or the folder of a run' };

/** Parts of a network by their paths. */
export const parts: Kind<string> = {
  schema: z.string().regex(/^[\w.[\]-]+(,[\w.[\]-]+)*$/),
  expects: 'parts of a network with commas between them, such as stem,stages[0], or all-but-head',
};

/** The name of a file in a folder that is named elsewhere. */
export const inFolder: Kind<string> = { schema: path, expects: 'the name of a file in the folder' };

/** A folder that files are written to. */
export const newFolder: Kind<string> = { schema: path, expects: 'a folder that is new or empty' };

/** The p of a norm. JSON has no infinity, and p = inf is one of the paper's norms. */
export const norm: Kind<number> = {
  schema: z.preprocess(
    (value) => (typeof value === 'string' && /^\+?\.?inf(inity)?$/i.test(value) ? Number.POSITIVE_INFINITY : value),
    z.custom<number>((value) => typeof value === 'number' && value >= 1),
  ),
  expects: 'a number of at least 1, or inf',
};
