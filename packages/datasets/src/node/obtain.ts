import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '@steppe/files';
import { type Found, readInEitherForm, readVerified } from './content.ts';
import { type DownloadOptions, download } from './download.ts';
import { cacheFolder } from './folder.ts';
import type { Read, Recipe } from './recipe.ts';
import { grouped, type RemoteFile } from './remote-file.ts';

/** Where the files of a dataset may come from. */
export type SourceOptions = DownloadOptions & {
  /**
   * Whether missing or damaged files may be fetched from the network.
   * @defaultValue false
   */
  readonly download?: boolean | undefined;
  /**
   * The folder that holds a folder of files for each dataset.
   * @defaultValue `cacheFolder()`
   */
  readonly folder?: string | undefined;
};

/** The verified contents of a recipe's files, or why there are none. */
export type Obtained =
  | { readonly contents: ReadonlyMap<string, Uint8Array>; readonly source: string; readonly read: Read }
  | { readonly contents?: undefined; readonly why: string };

type Findings = ReadonlyMap<string, Found>;

async function look(folder: string, files: readonly RemoteFile[]): Promise<Findings> {
  return new Map(
    await Promise.all(files.map(async (file) => [file.name, await readInEitherForm(folder, file)] as const)),
  );
}

/** The contents, when every file is as it should be. */
function whole(findings: Findings): ReadonlyMap<string, Uint8Array> | undefined {
  const good = [...findings].flatMap(([name, found]) => (found.state === 'good' ? [[name, found.bytes] as const] : []));
  return good.length === findings.size ? new Map(good) : undefined;
}

const damage = (findings: Findings): string | undefined =>
  [...findings.values()].flatMap((found) => (found.state === 'damaged' ? [found.why] : []))[0];

/** Fetches what is missing or damaged and reads it back. */
async function complete(folder: string, recipe: Recipe, findings: Findings, options: SourceOptions): Promise<Obtained> {
  for (const file of recipe.files)
    if (findings.get(file.name)?.state !== 'good') {
      const path = join(folder, file.name);
      // Another process may have fetched it while this one waited.
      await download(file, path, options, async () => (await readVerified(path, file)).state === 'good');
    }
  const now = await look(folder, recipe.files);
  const contents = whole(now);
  if (contents === undefined) throw new Error(damage(now) ?? `${folder} was emptied while it was being filled.`);
  return { contents, source: `downloaded to ${folder}, verified by SHA-256`, read: recipe.read };
}

/** Refuses a file, FIFO or device in the place of the folder: nothing could ever be found in it or put there. */
async function checkFolder(folder: string): Promise<void> {
  const stats = await stat(folder).catch(() => undefined);
  if (stats !== undefined && !stats.isDirectory())
    throw new FileError(folder, 'must be a folder to keep datasets in, and is none.');
}

/** Gets the files of a recipe: from the verified cache, else from the system's package, else, if allowed, from the
 * network. */
export async function obtain(recipe: Recipe, options: SourceOptions): Promise<Obtained> {
  const root = options.folder ?? cacheFolder();
  await checkFolder(root);
  const folder = join(root, recipe.folder ?? recipe.name);
  const cached = await look(folder, recipe.files);
  const fromCache = whole(cached);
  const { read } = recipe;
  const source = `the cache ${folder}, verified by SHA-256`;
  if (fromCache !== undefined) return { contents: fromCache, source, read };
  const bad = damage(cached);
  // To go on with other data than the last time, only because a file rotted, would be worse than to stop.
  if (bad !== undefined && options.download !== true)
    throw new Error(
      `A file of ${recipe.name} is damaged: ${bad}. Delete it or allow the download (download: true).${recipe.other ?? ''}`,
    );
  const reasons = [`nothing in ${folder}`];
  if (recipe.also !== undefined) {
    const findings = await look(folder, recipe.also.files);
    const contents = whole(findings);
    if (contents !== undefined) return { contents, source, read: recipe.also.read };
    reasons.push(...[damage(findings) ?? []].flat());
  }
  if (recipe.system !== undefined) {
    const findings = await look(recipe.system.folder, recipe.files);
    const contents = whole(findings);
    if (contents !== undefined)
      return {
        contents,
        source: `the system's copy ${recipe.system.folder}, verified by SHA-256 (${reasons[0]})`,
        read,
      };
    reasons.push(damage(findings) ?? `nothing in ${recipe.system.folder} (${recipe.system.install})`);
  }
  if (options.download === true) return complete(folder, recipe, cached, options);
  return { why: reasons.join(', ') };
}

/** Says what to fetch from where and where to put it, and what else there is. */
export function helpYourself(recipe: Recipe, options: SourceOptions, why: string): string {
  const folder = join(options.folder ?? cacheFolder(), recipe.folder ?? recipe.name);
  const files = recipe.files.map(
    ({ urls, bytes, sha256 }) => `  ${urls.join(' or ')} (${grouped(bytes)} bytes, SHA-256 ${sha256})`,
  );
  const subset = recipe.subset === undefined ? '' : `take ${recipe.subset}, `;
  return [
    `${recipe.name} is not on this machine (${why}): ${subset}allow its download (download: true) or put into ${folder}:`,
    ...files,
  ].join('\n');
}
