/** Formats that people hand over in the place of another, by how their files begin. */
const formats = {
  '\x1f\x8b': 'a gzip file',
  'PK\x03\x04': 'a zip archive (.zip, .npz)',
  '\xfd7zXZ': 'an xz file',
  '\x93NUMPY': 'a NumPy array',
  PAR1: 'a Parquet file',
  '\x89HDF': 'an HDF5 file',
  'MATLAB ': 'a MATLAB file',
  '\x80': 'a Python pickle',
  '<': 'an HTML page',
  '{': 'a JSON file',
};

/**
 * Guesses by its first bytes what a file is that is not what was asked for; undefined for none that is known.
 *
 * @example
 * ```ts
 * import { looksLike } from '@steppe/check';
 *
 * console.log(looksLike(new TextEncoder().encode('<!doctype html>'))); // => an HTML page
 * ```
 */
export function looksLike(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 8)).trimStart();
  return Object.entries(formats).find(([begin]) => start.startsWith(begin))?.[1];
}
