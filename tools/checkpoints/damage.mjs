import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';

/** Whether a checkpoint is read: then its tensors are freed. */
const isRead = (checkpoints, step) =>
  checkpoints.at(step).then(
    ({ position }) => {
      position.params.dispose();
      return true;
    },
    () => false,
  );

/** Turns single bits of a file over, `flips` of them or all, spread evenly, and counts those that its reader accepts. */
export async function flipBits(file, flips, { step, checkpoints }) {
  const bytes = readFileSync(file);
  const descriptor = openSync(file, 'r+');
  const bits = 8 * bytes.length;
  let accepted = 0;
  for (let i = 0; i < flips; i++) {
    const bit = flips <= bits ? Math.floor((i * bits) / flips) : i % bits;
    const at = bit >> 3;
    writeSync(descriptor, Uint8Array.of(bytes[at] ^ (1 << (bit & 7))), 0, 1, at);
    if (await isRead(checkpoints, step)) accepted += 1;
    writeSync(descriptor, bytes, at, 1, at);
  }
  closeSync(descriptor);
  return accepted;
}

/** Cuts a file short at every `stride`-th byte and counts the lengths that its reader accepts. */
export async function cutShort(file, stride, { step, checkpoints }) {
  const bytes = readFileSync(file);
  let accepted = 0;
  for (let length = bytes.length - 1; length >= 0; length -= stride) {
    truncateSync(file, length);
    if (await isRead(checkpoints, step)) accepted += 1;
  }
  writeFileSync(file, bytes);
  return accepted;
}
