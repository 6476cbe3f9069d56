/** A published file: where it is to be had, and what tells it from any other. */
export type RemoteFile = {
  readonly name: string;
  /** Tried in this order. */
  readonly urls: readonly string[];
  readonly bytes: number;
  readonly sha256: string;
  /** For a gzip of one file: what is inside; with its hash, a copy that somebody packed anew is as good. */
  readonly unpacked?: { readonly bytes: number; readonly sha256?: string };
};

/** Writes 26421880 as 26,421,880. */
export const grouped = (count: number): string => count.toLocaleString('en-US');
