// Builds tfjs-node 4.22 on a current TensorFlow, as a small package that `npm install` takes:
//   node tools/tensorflow/build.mjs [--cuda] [--from FOLDER]
// TensorFlow's C library comes out of its Python wheel, which pip puts into the user's cache folder; no Python runs
// later.
//   --cuda         the wheel with CUDA kernels, with NVIDIA's own wheels beside it (about 5 GB); else the one for the CPU (1.3 GB)
//   --from FOLDER  a TensorFlow that pip has installed already: the folder that holds tensorflow/ (site-packages)
// It needs Linux, python3 with pip, and a C++ compiler (CXX, else c++). The last line is the path of the package. See
// docs/cuda.md.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** The versions that were built and run together. Python's only names the wheel: its libraries do not depend on
 * Python. */
const versions = { tensorflow: '2.21.0', python: '3.12', tfjs: '4.22.0', headers: '1.9.0' };

const begin = performance.now();
const say = (text) => console.log(`[${((performance.now() - begin) / 1000).toFixed(0).padStart(3)} s] ${text}`);

/** Runs a command quietly; what it said is shown when it fails. */
function run(command, args, cwd) {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 2 ** 26,
    });
  } catch (cause) {
    const missing = cause.code === 'ENOENT';
    const said = missing
      ? `${command} is not installed: sudo apt install python3-pip g++`
      : cause.stderr || cause.stdout;
    throw new Error(`${command} ${args.join(' ')} failed.\n${said}`, { cause });
  }
}

/** Makes a folder whole or not at all: what breaks off leaves nothing that looks ready. */
function once(folder, make) {
  if (existsSync(folder)) return folder;
  mkdirSync(join(folder, '..'), { recursive: true });
  const scratch = mkdtempSync(`${folder}-`);
  try {
    make(scratch);
    renameSync(scratch, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
}

const metadataFolder = (site) =>
  readdirSync(site).find((name) => /^tensorflow(_cpu)?-[\d.]+\.dist-info$/.test(name)) ?? '';

/** Lets pip put TensorFlow into a folder, without the Python packages that its Python half needs. */
function installTensorFlow(site, cuda) {
  const pip = (...packages) =>
    run('python3', [
      ...['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-compile', '--only-binary=:all:'],
      ...['--python-version', versions.python, '--target', site, ...packages],
    ]);
  const wheel = `tensorflow${cuda ? '' : '-cpu'}==${versions.tensorflow}`;
  say(`pip installs ${wheel} into ${site}`);
  pip(wheel);
  if (!cuda) return;
  const metadata = readFileSync(join(site, metadataFolder(site), 'METADATA'), 'utf8');
  const libraries = [...metadata.matchAll(/^Requires-Dist: ([^;\s]+); extra == "and-cuda"$/gm)].map(([, name]) => name);
  say(`pip installs ${libraries.join(' ')}`);
  pip(...libraries);
}

/** Unpacks an npm package, whose scripts do not run. */
function unpack(name, folder) {
  mkdirSync(folder, { recursive: true });
  const tarball = run('npm', ['pack', '--silent', name], folder).trim().split('\n').at(-1);
  run('tar', ['-xzf', tarball, '--strip-components=1'], folder);
  rmSync(join(folder, tarball));
}

/** The versions of CUDA and cuDNN that a TensorFlow was built for; nothing for a build for the CPU. */
function cudaOf(site) {
  const info = readFileSync(join(site, 'tensorflow/python/platform/build_info.py'), 'utf8');
  const read = (key) => new RegExp(`["']${key}["'], ["']([\\d.]+)["']`).exec(info)?.[1];
  return { cuda: read('cuda_version'), cudnn: read('cudnn_version') };
}

/** Compiles the addon, whose only interfaces are Node-API and TensorFlow's C API: neither Node's headers nor node-gyp
 * are needed. */
function compile(folder, site) {
  const library = join(site, 'tensorflow');
  const headers = join(folder, 'node-api-headers');
  unpack(`node-api-headers@${versions.headers}`, headers);
  const addon = join(folder, 'lib/napi-v8');
  mkdirSync(addon, { recursive: true });
  run(process.env.CXX ?? 'c++', [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
    ...[`-I${join(headers, 'include')}`, `-I${join(library, 'include')}`],
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(folder, 'binding', file)),
    ...[`-L${library}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', `-Wl,-rpath,${library}`],
    ...['-o', join(addon, 'tfjs_binding.node')],
  ]);
  rmSync(headers, { recursive: true });
  return join(addon, 'tfjs_binding.node');
}

/** Packs tfjs-node with the addon in it, without what would download or compile at installation. */
function pack(folder, tensorflow, out) {
  const {
    scripts: _scripts,
    devDependencies: _tools,
    ...manifest
  } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, gypfile: false, tensorflow }, null, 2));
  rmSync(join(folder, 'binding.gyp'));
  return join(out, run('npm', ['pack', '--silent', '--pack-destination', out], folder).trim().split('\n').at(-1));
}

function build({ cuda, from }) {
  if (process.platform !== 'linux')
    throw new Error(`This needs Linux, got ${process.platform}: use the published @tensorflow/tfjs-node there.`);
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'steppe', 'tensorflow');
  const own = join(cache, `${versions.tensorflow}-${cuda ? 'cuda' : 'cpu'}`);
  const site = from === undefined ? once(own, (folder) => installTensorFlow(folder, cuda)) : resolve(from);
  if (!existsSync(join(site, 'tensorflow/libtensorflow_cc.so.2')))
    throw new Error(
      `${site} has no tensorflow/libtensorflow_cc.so.2: --from takes the site-packages of a TensorFlow from 2.13.`,
    );
  const version = /-([\d.]+)\.dist-info/.exec(metadataFolder(site))?.[1] ?? '';
  const { cuda: cudaVersion, cudnn } = cudaOf(site);
  const tensorflow = { version, folder: site, cuda: cudaVersion, cudnn };
  say(`TensorFlow ${version}, ${cudaVersion ? `CUDA ${cudaVersion}, cuDNN ${cudnn}` : 'for the CPU'}, is in ${site}`);
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, 'build-'));
  try {
    const name = `@tensorflow/tfjs-node${cudaVersion ? '-gpu' : ''}`;
    say(`npm fetches ${name}@${versions.tfjs}; the compiler builds its addon`);
    unpack(`${name}@${versions.tfjs}`, scratch);
    const addon = compile(scratch, site);
    const out = join(cache, `tfjs-node-on-${version}-${cudaVersion ? 'cuda' : 'cpu'}`);
    mkdirSync(out, { recursive: true });
    const tarball = pack(scratch, tensorflow, out);
    const script = `const { TF_Version, isUsingGpuDevice } = require(${JSON.stringify(addon)}); console.log(TF_Version, isUsingGpuDevice())`;
    const [loaded, gpu] = run(process.execPath, ['-e', script]).trim().split(' ').slice(-2);
    say(`the addon loads TensorFlow ${loaded}, which sees ${gpu === 'true' ? 'a GPU' : 'no GPU'}`);
    say(`npm install ${tarball}   # in your project; then useBackend('cuda')`);
    console.log(tarball);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const { values } = parseArgs({ options: { cuda: { type: 'boolean', default: false }, from: { type: 'string' } } });
try {
  build(values);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
