import { terms } from '../../report/layout.ts';
import type { Preset } from './entry.ts';
import { sections } from './presets.ts';

/** What stands in every preset and says nothing of it. */
const usual: ReadonlySet<string> = new Set(['json', 'backend', 'download', 'seed', 'p', 'decay-spares']);

/** The options of a preset as a config file has them, without those that are as in every one. */
export const lastingDifference = ({ options }: Preset): { readonly [name: string]: unknown } =>
  Object.fromEntries(Object.entries(options).filter(([name, value]) => !usual.has(name) && value !== 'none'));

/** All presets, a line each, by the tables of the paper. */
export const listPresets = (width: number): string =>
  Object.entries<{ readonly [name: string]: Preset }>(sections)
    .map(
      ([title, presets]) =>
        `${title}:\n${terms(
          Object.entries(presets).map(([name, { about }]) => [name, about.replace(/^table \d: /, '')]),
          width,
        )}`,
    )
    .join('\n\n');
