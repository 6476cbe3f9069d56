import type { Select } from '@steppe/transforms';
import { z } from 'zod';
import type { Param } from './param.ts';
import { valued } from './values.ts';

/** Words that choose leaves of the parameters. */
const words: { readonly [word: string]: Select } = {
  matrices: (_, { rank }) => rank >= 2,
  'norms-and-biases': (_, { rank }) => rank < 2,
};

function isPattern(text: string): boolean {
  try {
    return text !== '' && new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

const patterned = valued({
  schema: z.string().refine((text) => Object.hasOwn(words, text) || isPattern(text)),
  expects: `${Object.keys(words).join(', ')} or a regular expression on the path of a leaf, such as "kernel$"`,
});

/** A choice of leaves that says how it was made, for `textOf`. */
const selecting = (text: string): Select => {
  const word = Object.hasOwn(words, text) ? words[text] : undefined;
  const pattern = new RegExp(text);
  const made = word ? { name: text, args: [] } : { name: 'matching', args: [text] };
  return Object.assign(word ? (...of: Parameters<Select>) => word(...of) : (path: string) => pattern.test(path), {
    made,
  });
};

/** A choice of leaves of the parameters. */
export const select = (about: string): Param<Select> => ({
  ...patterned(about),
  build: (text) => selecting(String(text)),
});
