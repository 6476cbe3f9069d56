const MOST = 60;

const short = (text: string): string => (text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text);

/**
 * Writes a value as an error message shows it, on one short line: `0.5`, `"0.5"`, `nothing`, `{ rho, p }`,
 * `a function`.
 *
 * @example
 * ```ts
 * import { shown } from '@steppe/check';
 *
 * console.log([0.5, '0.5', undefined, { rho: 0.1 }, [1, 2]].map(shown).join(', ')); // => 0.5, "0.5", nothing, { rho }, a list of 2
 * ```
 */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return short(JSON.stringify(value));
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value !== 'object' || value === null) return short(String(value));
  const keys = Object.keys(value);
  return keys.length === 0 ? '{}' : short(`{ ${keys.join(', ')} }`);
}
