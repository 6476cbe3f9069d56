import { resolve } from 'node:path';
import { optionNames, optionOf } from './schema.ts';

const isPath = (name: string): boolean => optionNames.some((option) => option === name && optionOf(option).isPath);

/** Options with whole paths: what is written down for others means the same from every folder. */
export const withWholePaths = <Some extends object>(options: Some): Some =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]: readonly [string, unknown]) => [
      name,
      typeof value === 'string' && isPath(name) ? resolve(value) : value,
    ]),
  ) as Some;
