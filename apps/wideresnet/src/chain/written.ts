/** Plain data, as a config file holds it. */
export type Written = number | string | boolean | readonly Written[] | { readonly [name: string]: Written };

/** The options of a link or of a schedule as data. */
export type WrittenOptions = { readonly [option: string]: Written };

/** A link or a schedule as data: its name, with its options. */
export type WrittenCall = { readonly [name: string]: WrittenOptions };

/** A chain as data: its links in their order. */
export type WrittenChain = readonly WrittenCall[];

/** The name of the last link of a chain, which alone may keep an average of the weights. */
export const lastName = (chain: WrittenChain): string | undefined => Object.keys(chain.at(-1) ?? {})[0];

/** Whether a value is a record, and neither a list nor nothing. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
