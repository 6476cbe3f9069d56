import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** The folder of the binaries that came with npm for this platform, or `undefined` where they were not installed.
 * Binaries of another version of this package are left alone: their functions may take other arguments. */
export function prebuiltFolder(platform: string = process.platform, arch: string = process.arch): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    const manifest = require.resolve(`@steppe/native-${platform}-${arch}/package.json`);
    return versionOf(manifest) === versionOf(new URL('../../package.json', import.meta.url))
      ? dirname(manifest)
      : undefined;
  } catch {
    return undefined;
  }
}

function versionOf(path: string | URL): unknown {
  const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined;
}
