import { statSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  cacheFolder,
  type Environment,
  FileError,
  makeCacheFolder,
  makeFolder,
  printable,
  reasonOf,
  withTemporaryFolder,
} from '@steppe/files';
import { distrustedFolder, type Owners, ourOwners } from './trust.ts';

/** A folder in which binaries may be kept. */
export type Place = {
  readonly folder: string;
  readonly owners: Owners;
  /** The folder whose owners are trusted anyhow: those above it are not looked at. */
  readonly above?: string;
  /** Makes the folder. @throws When that cannot be. */
  readonly make: () => Promise<unknown>;
};

const thisPackage = fileURLToPath(new URL('../../', import.meta.url));

/** The package's own `.cache`, readable for everybody. */
export function ownPlace(inside: string = thisPackage): Place {
  const folder = `${inside.replace(/\/$/, '')}/.cache`;
  return {
    folder,
    owners: ourOwners(statSync(inside).uid),
    above: inside,
    make: async () => makeFolder(folder, { mode: 0o755 }),
  };
}

/** The user's cache folder. @throws When the user has none. */
export function usersPlace(environment: Environment = process.env): Place {
  return {
    folder: cacheFolder('native', environment),
    owners: ourOwners(),
    make: () => makeCacheFolder('native', environment),
  };
}

/** Where binaries may be, the best place first, and why others are left out. */
export type Places = {
  readonly places: readonly Place[];
  readonly without: readonly string[];
};

/** The package's own folder, then the user's. */
export function allPlaces(environment: Environment = process.env): Places {
  try {
    return { places: [ownPlace(), usersPlace(environment)], without: [] };
  } catch (error) {
    return { places: [ownPlace()], without: [error instanceof Error ? error.message : String(error)] };
  }
}

/**
 * The real path of a place where nobody else can write; else says why it is not used.
 *
 * @throws When there is no such folder.
 */
export async function trustedFolder(place: Place): Promise<{ readonly folder: string } | { readonly why: string }> {
  const folder = await realpath(place.folder);
  const above = place.above === undefined ? undefined : await realpath(place.above);
  const why = await distrustedFolder(folder, place.owners, above);
  return why === undefined ? { folder } : { why: `${place.folder} is not used: ${why}` };
}

const remedy = 'set XDG_CACHE_HOME to a folder that only you can write to';

const reasonFor = (place: Place, error: unknown): string =>
  error instanceof FileError
    ? error.message.replace(/\.$/, '')
    : `${printable(place.folder)} cannot be made (${reasonOf(error)})`;

/** The first place in which binaries can be kept. @throws When there is none, with the reason of each. */
export async function writableFolder({ places, without }: Places): Promise<string> {
  const reasons: string[] = [];
  for (const place of places) {
    try {
      await place.make();
      const trusted = await trustedFolder(place);
      if ('why' in trusted) reasons.push(trusted.why);
      else return await withTemporaryFolder(trusted.folder, async () => trusted.folder);
    } catch (error) {
      reasons.push(reasonFor(place, error));
    }
  }
  const all = [...reasons, ...without].map((reason) => reason.replace(/: set XDG_CACHE_HOME.*$/, '')).join('; ');
  throw new Error(`There is no folder to keep the compiled kernels in (${all}): ${remedy}.`);
}
