// Builds and publishes the prebuilt kernels of every platform, and makes them optional dependencies of @steppe/native
// in the same version: node tools/native/release.mjs [--dry-run]     Run by the release workflow before
// `changeset publish`; needs zig and qemu (see prebuild.mjs and emulate.mjs).
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

const platforms = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];
const nameOf = (platform) => `@steppe/native-${platform}`;
const pending = platforms.filter((platform) => !isPublished(nameOf(platform)));

/** Runs a script of this folder. */
const script = (name, ...args) =>
  execFileSync(process.execPath, [join(root, 'tools/native', name), ...args], { stdio: 'inherit' });

// Before anything is published: the tests run on x64, so arm64's kernels are computed here for the first time.
if (pending.includes('linux-arm64')) script('emulate.mjs', 'neon');
for (const platform of pending) {
  script('prebuild.mjs', platform);
  const folder = join(root, 'packages/native/.cache/prebuilt', platform);
  execFileSync('npm', ['publish', ...dry, '--access', 'public', folder], { stdio: 'inherit' });
}
const optional = Object.fromEntries(platforms.map((platform) => [nameOf(platform), manifest.version]));
if (dry.length === 0)
  writeFileSync(file, `${JSON.stringify({ ...manifest, optionalDependencies: optional }, null, 2)}\n`);
console.log(`@steppe/native@${manifest.version} takes ${Object.keys(optional).join(', ')}`);
