// Runs the tests of @steppe/native on prebuilt kernels in an emulated processor, for instruction sets that this machine
// lacks or never chooses: node tools/native/emulate.mjs [neon] [avx2] [baseline]     (default: all three; several
// minutes each) On Linux, with qemu and, for another architecture than this one's, its C library:
//   apt install qemu-user libc6-arm64-cross libstdc++6-arm64-cross     and zig (see prebuild.mjs)
// Node itself is emulated, so that what npm installs is what is tested: probe, choice of the binary, koffi, kernels.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The processors: Haswell is the first with AVX2 and FMA, Nehalem has neither nor AVX. */
const processors = {
  neon: { arch: 'arm64', qemu: 'qemu-aarch64', cpu: 'max', library: '/usr/aarch64-linux-gnu' },
  avx2: { arch: 'x64', qemu: 'qemu-x86_64', cpu: 'Haswell', library: '/usr/x86_64-linux-gnu' },
  baseline: { arch: 'x64', qemu: 'qemu-x86_64', cpu: 'Nehalem', library: '/usr/x86_64-linux-gnu' },
};

const root = fileURLToPath(new URL('../../', import.meta.url));
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(processors);
const wrong = names.find((name) => !(name in processors));
if (wrong !== undefined) throw new Error(`The sets are ${Object.keys(processors).join(', ')}, got ${wrong}.`);
if (process.platform !== 'linux')
  throw new Error(`qemu emulates Linux programs on Linux only, this is ${process.platform}.`);

/** A folder of packages for an architecture: its prebuilt kernels, and Node and the addons where they differ from this
 * one's. */
function packagesFor(arch) {
  const folder = join(root, 'tools/native/.cache', arch);
  mkdirSync(folder, { recursive: true });
  if (arch !== process.arch) {
    const versionOf = (name) =>
      JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
    const wanted = [
      `node-linux-${arch}@${process.versions.node}`,
      `@koromix/koffi-linux-${arch}@${versionOf('koffi')}`,
      `@rolldown/binding-linux-${arch}-gnu@${versionOf('rolldown')}`, // of vitest
    ];
    const flags = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    execFileSync('npm', ['install', '--prefix', folder, '--force', ...flags, ...wanted], {
      cwd: folder,
      stdio: 'inherit',
    });
  }
  const modules = join(folder, 'node_modules');
  const kernels = join(modules, `@steppe/native-linux-${arch}`);
  execFileSync(process.execPath, [join(root, 'tools/native/prebuild.mjs'), `linux-${arch}`, kernels], {
    stdio: 'inherit',
  });
  const node = arch === process.arch ? process.execPath : join(modules, `node-linux-${arch}/bin/node`);
  return { modules, node };
}

function test(name) {
  const { arch, qemu, cpu, library } = processors[name];
  const { modules, node } = packagesFor(arch);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  // Threads, since an emulated process starts others outside of the emulator; long time limits, since it is some twenty
  // times slower.
  const args = ['run', '--pool=threads', '--testTimeout=1800000', '--hookTimeout=600000', 'packages/native/test'];
  const emulated = arch === process.arch ? ['-cpu', cpu] : ['-cpu', cpu, '-L', library];
  const { status, error } = spawnSync(qemu, [...emulated, node, vitest, ...args], {
    cwd: root,
    stdio: 'inherit',
    // No compiler: what is not prebuilt fails.
    env: { ...process.env, CC: 'false', NODE_PATH: [modules, process.env.NODE_PATH].filter(Boolean).join(delimiter) },
  });
  if (error) throw new Error(`${qemu} could not be started: apt install qemu-user.`, { cause: error });
  console.log(`${name}: ${status === 0 ? 'passed' : 'failed'} on ${qemu} -cpu ${cpu}`);
  return status === 0;
}

const passed = names.filter(test).length;
console.log(`${passed} passed, ${names.length - passed} failed`);
process.exitCode = passed === names.length ? 0 : 1;
