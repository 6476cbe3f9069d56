// Checks every package as a stranger gets it: packs it, lints the tarball, installs it into an empty project and runs
// its README example there: all of them, or those named on the command line. Prints a line for each check and
// `N passed, N failed` at the end.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'node:util';
import ts from 'typescript';
import { blocksOf, promisesOf, root } from '../examples/extract.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const packages = readdirSync(join(root, 'packages')).filter((name) =>
  existsSync(join(root, 'packages', name, 'package.json')),
);
const manifestOf = (name) => JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
const ours = (name) =>
  Object.keys(manifestOf(name).dependencies ?? {}).flatMap((dependency) =>
    dependency.startsWith('@steppe/') ? [dependency.slice('@steppe/'.length)] : [],
  );
const withDependencies = (name) => [...new Set([name, ...ours(name).flatMap(withDependencies)])];

function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}` };
}

const count = { passed: 0, failed: 0 };
function report(what, { ok, output }) {
  count[ok ? 'passed' : 'failed'] += 1;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${what}`);
  if (!ok) console.log(output.replace(/^/gm, '     '));
}

const exampleOf = (name) => {
  const [example] = blocksOf(readFileSync(join(root, 'packages', name, 'README.md'), 'utf8'));
  if (example === undefined) throw new Error(`packages/${name}/README.md has no ts example.`);
  return example.code;
};

/** What a package's example imports of tfjs, as a user installs it: nothing else is there that the package might lean
 * on. */
const tfjsOf = (name) =>
  [...new Set(exampleOf(name).match(/(?<=')@tensorflow\/[^'/]+(?=')/g) ?? [])].map((tfjs) => `${tfjs}@4.22.0`);

/** An example as a JavaScript module that prints, as its last line, a JSON array of what it logged. */
function program(code) {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
  });
  const isImport = (line) => line.startsWith('import ');
  return [
    "import { format as formatLog } from 'node:util';",
    ...outputText.split('\n').filter(isImport),
    'const logged = [];',
    'const write = console.log;',
    'console.log = (...values) => logged.push(formatLog(...values));',
    ...outputText.split('\n').filter((line) => !isImport(line)),
    'write(JSON.stringify(logged));',
  ].join('\n');
}

/** Runs the README's example in a project and compares what it logs with what its comments promise. */
function runExample(name, project) {
  writeFileSync(join(project, 'readme.mjs'), program(exampleOf(name)));
  const { ok, output } = run(process.execPath, ['readme.mjs'], project);
  if (!ok) return { ok, output };
  const oneLine = (text) => text?.replace(/\s+/g, ' ').trim();
  const logged = JSON.parse(output.split('\n').findLast((line) => line.startsWith('[')) ?? '[]');
  const wrong = promisesOf(exampleOf(name)).flatMap((promise, i) =>
    promise === undefined || oneLine(logged[i]) === promise ? [] : [`expected ${promise}, got ${oneLine(logged[i])}`],
  );
  return { ok: wrong.length === 0, output: wrong.join('\n') };
}

const tarballs = mkdtempSync(join(tmpdir(), 'steppe-packages-'));
try {
  const projects = packages.map((name) => join(root, 'packages', name));
  const build = run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', ...projects], root);
  if (!build.ok) throw new Error(format('The build failed:\n%s', build.output));
  const tarballOf = {};
  for (const name of packages) {
    const packed = run(
      'npm',
      ['pack', '--json', '--silent', '--pack-destination', tarballs],
      join(root, 'packages', name),
    );
    const listing = JSON.parse(packed.output.slice(packed.output.indexOf('[')).replace(/\]\s*npm[\s\S]*$/, ']'));
    tarballOf[name] = join(tarballs, listing[0].filename);
  }
  const chosen = process.argv.slice(2);
  for (const name of packages.filter((candidate) => chosen.length === 0 || chosen.includes(candidate))) {
    report(`${name}: publint`, run(bin('publint'), ['--strict', tarballOf[name]], root));
    report(`${name}: are the types wrong`, run(bin('attw'), [tarballOf[name], '--profile', 'esm-only'], root));
    const project = join(tarballs, `project-${name}`);
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
    // Our own packages come from their tarballs, everything else from the registry, as after a release.
    const wanted = [...withDependencies(name).map((dependency) => tarballOf[dependency]), ...tfjsOf(name)];
    const installed = run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...wanted], project);
    report(`${name}: installs alone`, installed);
    report(`${name}: runs its README example there`, runExample(name, project));
  }
} finally {
  rmSync(tarballs, { recursive: true, force: true });
}
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed > 0 ? 1 : 0;
