import { z } from 'zod';
import type { Kind } from '../options/kinds.ts';
import { readChain } from './read.ts';
import type { WrittenChain } from './written.ts';

/** The option `chain`: links by name, whose parts are refused by their paths. */
export const chainOption: Kind<WrittenChain> = {
  schema: z.custom<WrittenChain>(),
  expects: 'a list of links: steppe links',
  read: readChain,
};
