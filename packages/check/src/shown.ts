const MOST = 60;

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
  const text = written(value);
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text;
}

function written(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return kindOfFunction(value);
  if (value instanceof Promise) return 'a promise';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (Object(value) !== value) return value === undefined ? 'nothing' : String(value);
  return `{ ${Object.keys(value as object).join(', ')} }`.replace('{  }', '{}');
}

const kindOfFunction = (f: object): string => {
  const tag = Object.prototype.toString.call(f);
  return tag.includes('Async')
    ? 'an async function'
    : tag.includes('Generator')
      ? 'a generator function'
      : 'a function';
};
