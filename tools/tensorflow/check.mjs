// Checks the TensorFlow backend as a user has it: builds tfjs-node on TensorFlow for the CPU (build.mjs; a minute, 260 MB the first
// time), installs it with our packed packages into an empty project, and there runs conformance.mjs and a short training:
//   npm run tensorflow
// The last line is `N passed, N failed`. Where Linux, pip or a C++ compiler is missing, it says so and checks nothing.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const ours = [
  ...['tree', 'random', 'native', 'autograd', 'transforms', 'datasets', 'backends', 'models', 'train'].map(
    (name) => `packages/${name}`,
  ),
  'apps/wideresnet',
];
const works = (command, ...args) => spawnSync(command, args).status === 0;
const missing = [
  [process.platform === 'linux', 'Linux'],
  [works('python3', '-m', 'pip', '--version'), 'python3 with pip'],
  [works(process.env.CXX ?? 'c++', '--version'), 'a C++ compiler'],
].flatMap(([there, what]) => (there ? [] : [what]));

function check() {
  const folder = mkdtempSync(join(tmpdir(), 'steppe-tensorflow-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const run = (args, cwd) =>
    execFileSync(args[0], args.slice(1), { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const built = run([process.execPath, join(root, 'tools/tensorflow/build.mjs')], root).trim();
  console.log(built);
  run(['npx', 'tsc', '-b'], root);
  const tarballs = ours.map((path) =>
    join(
      folder,
      run(['npm', 'pack', '--silent', '--pack-destination', folder], join(root, path)).trim().split('\n').at(-1),
    ),
  );
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  run(
    [
      'npm',
      'install',
      '--silent',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      ...tarballs,
      built.split('\n').at(-1),
    ],
    folder,
  );
  copyFileSync(join(root, 'tools/tensorflow/conformance.mjs'), join(folder, 'conformance.mjs'));
  const { status } = spawnSync(process.execPath, ['conformance.mjs'], { cwd: folder, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

if (missing.length === 0) check();
else console.log(`TensorFlow is not checked: it needs ${missing.join(', ')}.\n0 passed, 0 failed`);
