/** Formats in which the same images are handed on elsewhere, by how their files begin. */
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
};

/** Says in a sentence which other format bytes are of and what to do; an empty string for none that is known. */
export function foreign(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  const found = Object.entries(formats).find(([begin]) => start.startsWith(begin));
  return found === undefined ? '' : ` This looks like ${found[1]}: take the published binary file, unpacked.`;
}
