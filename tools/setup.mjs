// Makes a fresh clone ready: installs dependencies when they are missing or stale, then builds what `npm start` runs.
// Runs before anything is installed, so it uses Node alone.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Packages that the lock file names and `node_modules` lacks or holds in another version; optional ones may be
 * absent. */
function stale() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return 'they are not installed yet';
  const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const have = packagesOf(installed);
  for (const [path, wanted] of Object.entries(packagesOf(join(root, 'package-lock.json')))) {
    if (!path.startsWith('node_modules/') || wanted.optional || wanted.devOptional) continue;
    // A link is a package of this repository: a pull may bring a new one.
    if (wanted.link && !existsSync(join(root, path))) return `${path.slice('node_modules/'.length)} is not linked`;
    if (!wanted.link && have[path]?.version !== wanted.version)
      return `${path.slice('node_modules/'.length)} ${wanted.version} is missing`;
  }
  return undefined;
}

/** A package and all that tsc builds before it. */
function projects(folder, found = new Set()) {
  if (found.has(folder)) return found;
  found.add(folder);
  const { references = [] } = JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8'));
  for (const { path } of references) projects(join(folder, path), found);
  return found;
}

/** Whether tsc has something to do in a package: it was never built, or a source is newer than what was. */
function isUnbuilt(folder) {
  const built = statSync(join(folder, 'dist', '.tsbuildinfo'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(join(folder, 'src'), { recursive: true }).map((name) => join(folder, 'src', name));
  return sources.some((source) => statSync(source).mtimeMs > built);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error) console.error(`steppe: ${command} could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

/** Builds a package and all before it, and names each as it is begun: together they take half a minute. */
async function build(folder) {
  const tsc = spawn(
    process.execPath,
    [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', '--verbose', folder],
    { cwd: root, stdio: ['inherit', 'pipe', 'inherit'] },
  );
  const ended = new Promise((resolve) => tsc.on('close', resolve));
  for await (const line of createInterface({ input: tsc.stdout })) {
    const [, project] = /Building project '(.*)'/.exec(line) ?? [];
    if (project !== undefined) console.log(`steppe:   ${basename(dirname(join(root, project)))}`);
    // What else begins with a time is told by --verbose alone, as are the lists and the empty lines after it.
    else if (!/^\[?\d+:\d+:\d+|^ {4}\* |^$/.test(line)) console.log(line);
  }
  const status = await ended;
  if (status !== 0) process.exit(status ?? 1);
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`steppe: Node 20.19 or newer is needed, this is ${process.versions.node}: install it from nodejs.org.`);
  process.exit(1);
}

const reason = stale();
if (reason) {
  console.log(`steppe: installing dependencies with npm ci (${reason}) ...`);
  run(npm, ['ci', '--no-audit', '--no-fund']);
}
if (!process.argv.includes('--no-build')) {
  const app = join(root, 'apps', 'wideresnet');
  const waiting = [...projects(app)].filter(isUnbuilt).length;
  const begin = performance.now();
  if (waiting > 0) console.log(`steppe: building ${waiting} ${waiting === 1 ? 'package' : 'packages'} with tsc ...`);
  await build(app);
  if (waiting > 0) console.log(`steppe: built in ${((performance.now() - begin) / 1000).toFixed(0)} s`);
}
