import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { checkNumber, checkOptions } from '@steppe/check';
import { makeFolder, printable, readRegular, reasonOf } from '@steppe/files';
import { checkPath } from './check-path.ts';
import { parseRecord, printRecord } from './record-json.ts';
import type { RunRecord } from './run-record.ts';

/** A run's log, open for writing. */
export type RunLog = {
  /** The file that the log writes: JSON lines, one record each. */
  readonly file: string;
  /** Appends a record; a failing disk is told of once and otherwise lets training go on. */
  readonly write: (record: RunRecord) => void;
  /**
   * Puts the records so far on the disk and gives their bytes, which a checkpoint keeps to give them as `at` when the run
   * goes on from there. A log that was removed meanwhile is told of and begun anew.
   */
  readonly sync: () => number;
  readonly close: () => void;
};

export type RunLogOptions = {
  /**
   * Gets the one line that tells of a failing disk.
   *
   * @defaultValue `process.emitWarning`
   */
  readonly warn?: (message: string) => void;
  /** Cuts off the records behind so many bytes, which a resumed run makes again: each line is there once. Fewer than so
   * many are told of and stay. @defaultValue nothing is cut off but half a line */
  readonly at?: number | undefined;
};

const fileIn = (folder: string): string => {
  checkPath('folder', folder);
  return join(folder, 'metrics.jsonl');
};

/** More lines than anybody reads at once, and less than a string may hold. */
const maxBytes = 500_000_000;

const CHUNK = 65_536;
const NEWLINE = 0x0a;

/** Where the last whole line ends before a byte: a run that was killed may have left half a line behind it. */
function endOfLines(descriptor: number, before: number): number {
  const chunk = new Uint8Array(CHUNK);
  let end = Math.min(before, fstatSync(descriptor).size);
  while (end > 0) {
    const begin = Math.max(0, end - CHUNK);
    const read = readSync(descriptor, chunk, 0, end - begin, begin);
    const at = chunk.subarray(0, read).lastIndexOf(NEWLINE);
    if (at >= 0) return begin + at + 1;
    end = begin;
  }
  return 0;
}

/**
 * Opens the log of a run, `metrics.jsonl` in its folder, to append to it: one JSON object a line, each written at once.
 *
 * The folder is made when it is missing. Half a line that a killed run left at the end is cut off. When the disk is
 * full, the records meanwhile are lost, no half line stays, one warning is given and training goes on.
 *
 * @throws When the file cannot be opened, or an option is not what it must be.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { evaluationRecord } from '@steppe/train';
 * import { openRunLog, readRunLog } from '@steppe/train/node';
 *
 * const folder = await mkdtemp(join(tmpdir(), 'steppe-'));
 * const log = openRunLog(folder);
 * log.write(evaluationRecord({ loss: 0.5, examples: 100 }, { step: 10, epoch: 1, split: 'test' }));
 * log.close();
 * console.log((await readRunLog(folder)).map(({ type, step }) => [type, step])); // => [ [ 'evaluation', 10 ] ]
 * ```
 */
export function openRunLog(folder: string, options: RunLogOptions = {}): RunLog {
  const file = fileIn(folder);
  checkOptions('openRunLog', options, ['warn', 'at']);
  const { warn = (message: string) => process.emitWarning(message), at } = options;
  if (at !== undefined) checkNumber('at', at, ['a whole number of bytes', (x) => Number.isSafeInteger(x) && x >= 0]);
  makeFolder(folder);
  let descriptor = openSync(file, 'a+');
  let size = endOfLines(descriptor, at ?? Number.POSITIVE_INFINITY);
  if (at !== undefined && size !== at)
    warn(`${printable(file)} ends at byte ${size}, where ${at} were known: the records between them are lost.`);
  if (size < fstatSync(descriptor).size) ftruncateSync(descriptor, size);
  let state: 'well' | 'failing' | 'closed' = 'well';

  const append = (line: Uint8Array): void => {
    let written = 0;
    while (written < line.length) written += writeSync(descriptor, line, written);
    size += written;
  };
  const withoutHalfLine = (): void => {
    try {
      ftruncateSync(descriptor, size);
    } catch {
      // The warning has been given, and the reader knows half lines.
    }
  };
  const beginAnew = (): void => {
    warn(`${printable(file)} was removed: its lines so far are lost, it is begun anew.`);
    makeFolder(folder);
    const next = openSync(file, 'a+');
    closeSync(descriptor);
    descriptor = next;
    size = endOfLines(descriptor, Number.POSITIVE_INFINITY);
  };
  /** Does what the disk may refuse, and tells of the first refusal. */
  const attempt = (work: () => void): void => {
    // The system may have given the descriptor of a closed file to another one.
    if (state === 'closed') throw new Error(`The log ${file} is closed: write to it before close().`);
    try {
      work();
    } catch (error) {
      withoutHalfLine();
      if (state === 'well') warn(`${file} cannot be written (${reasonOf(error)}); training goes on without it.`);
      state = 'failing';
    }
  };
  return {
    file,
    write: (record) => attempt(() => append(Buffer.from(`${printRecord(record)}\n`))),
    sync() {
      attempt(() => {
        if (fstatSync(descriptor).nlink === 0) beginAnew();
        fdatasyncSync(descriptor);
      });
      return size;
    },
    close() {
      if (state !== 'closed') closeSync(descriptor);
      state = 'closed';
    },
  };
}

/**
 * Reads the log of a run, also while it is written: half a line at the end is left out.
 *
 * @throws When there is no log, or a line is no record of a schema that this version reads, with its number.
 *
 * @example
 * ```ts
 * import { readRunLog } from '@steppe/train/node';
 *
 * await readRunLog('no-such-run').catch(({ code }) => console.log(code)); // => ENOENT
 * ```
 */
export async function readRunLog(folder: string): Promise<readonly RunRecord[]> {
  const lines = String(await readRegular(fileIn(folder), { maxBytes }))
    .split('\n')
    .slice(0, -1);
  return lines.map((line, i) => {
    try {
      return parseRecord(line);
    } catch (cause) {
      throw new Error(`${fileIn(folder)}:${i + 1}: ${(cause as Error).message}`, { cause });
    }
  });
}
