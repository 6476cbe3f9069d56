// Builds and publishes the prebuilt kernels of every platform, and makes them optional dependencies of @steppe/native in the same version:
// node tools/native/release.mjs [--dry-run]     Run by the release workflow before `changeset publish`; needs zig (see prebuild.mjs).
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dry = process.argv.includes('--dry-run') ? ['--dry-run'] : [];
const file = join(root, 'packages/native/package.json');
const manifest = JSON.parse(readFileSync(file, 'utf8'));

/** Whether the registry has this version: a release that stopped half-way goes on where it stopped. */
function isPublished(name) {
  try {
    return execFileSync('npm', ['view', `${name}@${manifest.version}`, 'version'], { stdio: 'pipe' }).length > 0;
  } catch {
    return false;
  }
}

const optional = {};
for (const platform of ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']) {
  const name = `@steppe/native-${platform}`;
  optional[name] = manifest.version;
  if (isPublished(name)) continue;
  execFileSync(process.execPath, [join(root, 'tools/native/prebuild.mjs'), platform], { stdio: 'inherit' });
  const folder = join(root, 'packages/native/.cache/prebuilt', platform);
  execFileSync('npm', ['publish', ...dry, '--access', 'public', folder], { stdio: 'inherit' });
}
if (dry.length === 0)
  writeFileSync(file, `${JSON.stringify({ ...manifest, optionalDependencies: optional }, null, 2)}\n`);
console.log(`@steppe/native@${manifest.version} takes ${Object.keys(optional).join(', ')}`);
