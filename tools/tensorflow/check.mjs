// Checks the TensorFlow backend as a user has it: builds tfjs-node on TensorFlow for the CPU (build.mjs; a minute, 260
// MB the first time), installs it with our packed packages into an empty project, and there runs conformance.mjs; then
// tfjs-core's own specs (tools/conformance) in the repository:
//   npm run tensorflow
// The last line is `N passed, N failed`. Where Linux, pip or a C++ compiler is missing, it says so and checks nothing.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const ours = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), 'apps/wideresnet'].filter(
  (path) => existsSync(join(root, path, 'package.json')),
);
const works = (command, ...args) => spawnSync(command, args).status === 0;
const missing = [
  [process.platform === 'linux', 'Linux'],
  [works('python3', '-m', 'pip', '--version'), 'python3 with pip'],
  [works(process.env.CXX ?? 'c++', '--version'), 'a C++ compiler'],
].flatMap(([there, what]) => (there ? [] : [what]));

/** Runs a command to its end and gives what it printed. */
const run = (args, cwd) =>
  execFileSync(args[0], args.slice(1), {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  });
const lastLine = (text) => text.trim().split('\n').at(-1);

/** Runs a program that ends in `N passed, N failed`, shows what it prints, and gives the two numbers. */
function count(args, cwd) {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(lastLine(stdout)) ?? [];
  const lines = stdout.trim().split('\n');
  console.log(lines.filter((line) => !line.includes('already')).join('\n'));
  if (passed === undefined || (status !== 0 && failed === '0')) throw new Error(`${args[0]} broke off:\n${stderr}`);
  return { passed: Number(passed), failed: Number(failed) };
}

/** Lets the sources in the repository find tfjs-node while something runs. */
function withLink(folder, what) {
  const link = join(root, 'node_modules/@tensorflow/tfjs-node');
  if (existsSync(link)) throw new Error(`${link} is there: npm uninstall --no-save @tensorflow/tfjs-node, then again.`);
  rmSync(link, { force: true });
  symlinkSync(join(folder, 'node_modules/@tensorflow/tfjs-node'), link);
  try {
    return what();
  } finally {
    rmSync(link);
  }
}

/** Makes a project that has our packages and tfjs-node as their tarballs. */
function install(folder) {
  const built = run([process.execPath, join(root, 'tools/tensorflow/build.mjs')], root).trim();
  console.log(built);
  run(['npx', 'tsc', '-b'], root);
  const pack = ['npm', 'pack', '--silent', '--pack-destination', folder];
  const tarballs = ours.map((path) => join(folder, lastLine(run(pack, join(root, path)))));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const flags = ['--silent', '--no-audit', '--no-fund', '--prefer-offline'];
  run(['npm', 'install', ...flags, ...tarballs, lastLine(built)], folder);
  copyFileSync(join(root, 'tools/tensorflow/conformance.mjs'), join(folder, 'conformance.mjs'));
}

function check() {
  const folder = mkdtempSync(join(tmpdir(), 'steppe-tensorflow-'));
  try {
    install(folder);
    const parts = [
      count(['conformance.mjs'], folder),
      withLink(folder, () => count(['tools/conformance/run.mjs', '--backend', 'tensorflow'], root)),
    ];
    const sum = (key) => parts.reduce((total, part) => total + part[key], 0);
    console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
    process.exitCode = sum('failed') === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (missing.length === 0) check();
else console.log(`TensorFlow is not checked: it needs ${missing.join(', ')}.\n0 passed, 0 failed`);
