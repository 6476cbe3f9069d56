/** A run of 6 steps on 24 images, a few seconds on WASM. */
export const tiny = [
  'train',
  '--preset',
  'fashion-mini',
  '--backend',
  'wasm',
  '--limit',
  '24',
  '--batch',
  '8',
  '--epochs',
  '2',
] as const;

/** What `--json` printed: an object of each line. */
export const events = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
