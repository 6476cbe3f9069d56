import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withLock } from '@steppe/files';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function build(): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', root]);
  } catch (error) {
    throw new Error(`tsc -b failed:\n${(error as { readonly stdout: string }).stdout}`);
  }
}

let built: Promise<void> | undefined;

/** Builds all packages and apps for tests of what is built: once for a process, and never beside another that builds. */
export function packagesBuilt(): Promise<void> {
  built ??= withLock(join(root, 'node_modules', '.steppe-build.lock'), build);
  return built;
}
