// Makes the optional package of prebuilt kernels for a platform, with zig as cross compiler:
// node tools/native/prebuild.mjs PLATFORM [OUT]     PLATFORM: linux-x64, linux-arm64, darwin-x64, darwin-arm64
// $ZIG is the zig command (default: zig; `python3 -m ziglang` works).
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildsFor, isaFlags } from '../../packages/native/dist/build/isa.js';
import {
  commonFlags,
  kernelFiles,
  linkFlags,
  probeFile,
  sourceFolder,
} from '../../packages/native/dist/build/sources.js';

// glibc 2.28: Debian 10, RHEL 8, and the oldest that Node 20 runs on
const targets = {
  'linux-x64': 'x86_64-linux-gnu.2.28',
  'linux-arm64': 'aarch64-linux-gnu.2.28',
  'darwin-x64': 'x86_64-macos.11.0',
  'darwin-arm64': 'aarch64-macos.11.0',
};

const root = fileURLToPath(new URL('../../', import.meta.url));
const [platform = '', out = join(root, 'packages/native/.cache/prebuilt', platform)] = process.argv.slice(2);
const target = targets[platform];
if (!target) throw new Error(`PLATFORM must be one of ${Object.keys(targets).join(', ')}, got "${platform}".`);
const [os, cpu] = platform.split('-');
const [zig, ...first] = (process.env.ZIG ?? 'zig').split(' ');
const native = JSON.parse(readFileSync(join(root, 'packages/native/package.json'), 'utf8'));

// An older zig wants 512-bit registers named beside AVX-512 (evex512), which this one does not know.
const version = execFileSync(zig, [...first, 'version'], { encoding: 'utf8' }).trim();
const [major, minor] = version.split('.').map(Number);
if (major === 0 && minor < 16)
  throw new Error(`zig must be 0.16 or newer, got ${version}: pip install ziglang, then ZIG="python3 -m ziglang".`);

/** zig takes the features of a processor in one flag. */
function zigFlags(flags) {
  const features = flags.filter((flag) => /^-m[a-z0-9]+$/.test(flag)).map((flag) => flag.slice(2));
  const rest = flags.filter((flag) => !features.includes(flag.slice(2)));
  return features.length === 0 ? rest : [`-mcpu=baseline+${features.join('+')}`, ...rest];
}

function build(name, files, flags) {
  const args = [
    ...first,
    'cc',
    '-target',
    target,
    ...commonFlags,
    ...zigFlags(flags),
    ...files,
    '-o',
    join(out, `${name}.so`),
    ...linkFlags(os),
    '-s',
  ];
  execFileSync(zig, args, { cwd: sourceFolder, stdio: 'inherit' });
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
build('probe', [probeFile], []);
for (const isa of buildsFor(cpu)) build(isa, kernelFiles(), isaFlags[isa]);
cpSync(join(root, 'LICENSE'), join(out, 'LICENSE'));
const manifest = {
  name: `@steppe/native-${platform}`,
  version: native.version,
  description: `The kernels of @steppe/native, compiled for ${os} on ${cpu}`,
  license: native.license,
  os: [os],
  cpu: [cpu],
  ...(os === 'linux' ? { libc: ['glibc'] } : {}),
  files: ['*.so'],
  repository: native.repository,
  publishConfig: native.publishConfig,
};
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
writeFileSync(
  join(out, 'README.md'),
  `# ${manifest.name}\n\n${manifest.description}. Installed by it where it fits; see @steppe/native.\n`,
);
console.log(`${manifest.name}@${manifest.version} in ${out}`);
