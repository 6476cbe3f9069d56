import { lstat } from 'node:fs/promises';
import { codeOf, FileError, printable, readRegular } from '@steppe/files';

/** A JSON object, or what is wrong with its file; neither where there is no file. */
export type JsonFile = {
  readonly value?: { readonly [name: string]: unknown };
  readonly problem?: string;
};

/** More than any of a run's small files holds. */
const maxBytes = 4_000_000;

/** Makes a function that reads a file of one JSON object, again only after it has changed. */
export function jsonFile(path: string): () => Promise<JsonFile> {
  let seen = '';
  let held: JsonFile = {};
  const read = async (): Promise<JsonFile> => {
    try {
      const value: unknown = JSON.parse(String(await readRegular(path, { maxBytes, followLinks: false })));
      return isRecord(value) ? { value } : { problem: 'is no JSON object.' };
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return {};
      if (error instanceof FileError) return { problem: error.message.replace(`${printable(path)} `, '') };
      return { problem: `is no JSON (${(error as Error).message}).` };
    }
  };
  return async () => {
    const stats = await lstat(path).catch(() => undefined);
    const mark = stats === undefined ? 'none' : `${stats.ino} ${stats.size} ${stats.mtimeMs}`;
    if (mark !== seen) [held, seen] = [await read(), mark];
    return held;
  };
}

/** Whether a value is an object with names, not a list. */
export const isRecord = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
