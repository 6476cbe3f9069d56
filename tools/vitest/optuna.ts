import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCacheFolder } from '@steppe/files';

/** The release that the sweeps are tested with. */
const release = '5.0.0';

/**
 * Finds the folder of Optuna's command line, fetched by pip into the user's cache at the first time (20 MB).
 *
 * @returns undefined where there is no python3 with pip, or nothing can be fetched.
 */
export async function optunaFolder(): Promise<string | undefined> {
  if (spawnSync('python3', ['-m', 'pip', '--version']).status !== 0) return undefined;
  const cache = await makeCacheFolder('optuna');
  const folder = join(cache, release);
  if (existsSync(folder)) return folder;
  const temporary = mkdtempSync(join(cache, 'new-'));
  try {
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-compile', '--no-warn-script-location'];
    execFileSync('python3', [...pip, '--target', join(temporary, 'packages'), `optuna==${release}`]);
    const command = join(temporary, 'optuna');
    writeFileSync(
      command,
      `#!/bin/sh\nPYTHONPATH='${join(folder, 'packages')}' exec python3 '${join(folder, 'packages', 'bin', 'optuna')}' "$@"\n`,
    );
    chmodSync(command, 0o755);
    // Who was faster is as good.
    if (!existsSync(folder)) renameSync(temporary, folder);
    return folder;
  } catch {
    return undefined;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
