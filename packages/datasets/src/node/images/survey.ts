import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { makeFolder, readRegular, writeAtomically } from '@steppe/files';
import { cacheFolder } from '../folder.ts';
import type { DecodeOptions } from './decode.ts';
import { type ListedFile, located } from './image-file.ts';
import { takePool } from './pool.ts';
import type { Answer, Finding, Questions } from './task.ts';

/** How far a pass over all files is. */
export type SurveyProgress = { readonly done: number; readonly total: number };

/** What a survey needs beside the questions. */
export type SurveyOptions = DecodeOptions & {
  readonly root: string;
  readonly workers: number;
  readonly cache: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SurveyProgress) => void) | undefined;
};

/** What was found out about all files. */
export type Survey = {
  readonly digests: Uint8Array;
  /** Why a file cannot be read, by its number. */
  readonly broken: ReadonlyMap<number, string>;
  /** The sums of all pixels and of their squares, by channel, where they were asked for. */
  readonly sums: readonly number[];
};

const piece = 512;
const maxBytes = 1 << 30;

async function ask(
  files: readonly ListedFile[],
  questions: Questions,
  options: SurveyOptions,
): Promise<readonly Finding[]> {
  const { root, workers, view, channels, maxPixels, signal, onProgress } = options;
  const pool = takePool(workers);
  const findings: Finding[] = [];
  try {
    for (let from = 0; from < files.length; from += piece) {
      signal?.throwIfAborted();
      const some = files.slice(from, from + piece).map((file) => located(root, file));
      const next = new Int32Array(new SharedArrayBuffer(4));
      const decode = { view, channels, maxPixels };
      const answers = await pool.run({ kind: 'survey', files: some, decode, next, questions });
      findings.push(...answers.flatMap((answer) => found(answer)).map((one) => ({ ...one, index: one.index + from })));
      onProgress?.({ done: Math.min(from + piece, files.length), total: files.length });
    }
  } finally {
    pool.release();
  }
  return findings.sort((a, b) => a.index - b.index);
}

/** A file that could not even be read is a broken one. */
const found = ({ findings, failures }: Answer): readonly Finding[] => [
  ...findings,
  ...failures.map(({ index, message }) => ({ index, digest: new Uint8Array(32), broken: message })),
];

/** Whole numbers below 2⁵³: the order in which threads come does not show. */
function total(findings: readonly Finding[]): number[] {
  const sums: number[] = [];
  for (const { sums: some = [] } of findings) for (const [c, x] of some.entries()) sums[c] = (sums[c] ?? 0) + x;
  return sums;
}

/** Names what was asked of which files: any change of a file's name, size or time makes another name. */
function keyOf(
  files: readonly ListedFile[],
  questions: Questions,
  { root, view, channels, maxPixels }: SurveyOptions,
): string {
  const sum = createHash('sha256').update(JSON.stringify([1, root, questions, view, channels, maxPixels]));
  for (const { name, bytes, modified, at = 0 } of files) sum.update(`${name}\0${bytes} ${modified} ${at}\n`);
  return sum.digest('hex');
}

type Kept = { readonly broken: [number, string][]; readonly sums: number[]; readonly digests: string };

async function kept(path: string, count: number): Promise<Survey | undefined> {
  try {
    const { broken, sums, digests }: Kept = JSON.parse(String(await readRegular(path, { maxBytes })));
    const bytes = new Uint8Array(Buffer.from(digests, 'base64'));
    if (bytes.length === 32 * count) return { broken: new Map(broken), sums, digests: bytes };
  } catch {
    // There is none, or one that was cut short: the files tell again.
  }
  return undefined;
}

/**
 * Looks once at every file and keeps what it found in the cache, where files that have not changed since are known.
 *
 * @throws When the cache cannot be written, or what `signal` was aborted with.
 */
export async function survey(
  files: readonly ListedFile[],
  questions: Questions,
  options: SurveyOptions,
): Promise<Survey> {
  const path = join(options.cache, `${keyOf(files, questions, options)}.json`);
  const known = await kept(path, files.length);
  if (known !== undefined) return known;
  const findings = await ask(files, questions, options);
  const digests = new Uint8Array(32 * files.length);
  for (const { index, digest } of findings) if (digest !== undefined) digests.set(digest, 32 * index);
  const broken = findings.flatMap(({ index, broken: why }) =>
    why === undefined ? [] : [[index, why] as [number, string]],
  );
  const sums = total(findings);
  makeFolder(options.cache);
  const record: Kept = { broken, sums, digests: Buffer.from(digests).toString('base64') };
  await writeAtomically(path, JSON.stringify(record));
  return { digests, broken: new Map(broken), sums };
}

/** Where surveys and lists of archives are kept. */
export const surveyFolder = (): string => join(cacheFolder(), 'image-folders');
