import type { Stats } from 'node:fs';

/** When a file was last changed, in milliseconds: its own time may be put back, as `cp -p` and `rsync -t` do, the inode's not. */
export const changedAt = ({ mtimeMs, ctimeMs }: Stats): number => Math.max(mtimeMs, ctimeMs);
