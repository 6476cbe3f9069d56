import { looksLike } from '@steppe/check';

/** Says in a sentence which other format bytes are of and what to do; an empty string for none that is known. */
export function foreign(bytes: Uint8Array): string {
  const found = looksLike(bytes);
  return found === undefined ? '' : ` This looks like ${found}: take the published binary file, unpacked.`;
}
