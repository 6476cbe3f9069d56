import { paragraph, terms } from '../../report/layout.ts';
import { entryOf, type NetworkName, networkNames } from './own.ts';

/** The networks that can be trained, a line each. */
export const listNetworks = (width: number): string =>
  terms(
    networkNames.map((name) => {
      const { about, options } = entryOf(name);
      const own = Object.keys(options).map((option) => `--${option}`);
      return [name, own.length === 0 ? about : `${about}; takes ${own.join(', ')}`];
    }),
    width,
  );

/** All that is known of one of them. */
export function describeNetwork(name: NetworkName, width: number): string {
  const { about, options, smaller } = entryOf(name);
  const rows = Object.entries(options).map(
    ([option, own]) => [`--${option}`, `${own.about}: ${own.kind.expects} (default: ${own.fallback})`] as const,
  );
  const [small = {}] = Object.values(smaller);
  const words = Object.entries(small).map(([option, value]) => ` --${option} ${value}`);
  return [
    paragraph(`${name}: ${about}.`, width),
    rows.length === 0 ? 'It takes no options.' : `Options:\n${terms(rows, width)}`,
    `Example:\n  steppe train --network ${name}${words.join('')}`,
  ].join('\n\n');
}
