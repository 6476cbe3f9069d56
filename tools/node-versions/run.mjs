// Runs the tests on several versions of Node, one after the other. `--help` says how.
import { parseArgs } from 'node:util';
import { binaryOf } from './binary.mjs';
import { runTests, versionOf } from './suite.mjs';

const supported = ['20', '22', '24', '26'];

const help = `Runs the tests on several versions of Node, each fetched by npm into tools/node-versions/.cache.

  npm run node-versions -- [VERSION ...] [--json] [-- VITEST ARGUMENTS]

  VERSION   22 (the newest of them), or 22.12.0; default: ${supported.join(' ')}
  --json    prints the table as JSON; progress goes to standard error
  --help    prints this

What a version prints is kept in a file, which the table names where a test failed. A binary that was fetched is used
again; remove the folder to fetch a newer one. The Node that runs this is used as it is where it fits.

  npm run node-versions -- 22 24 -- packages/native       two versions, the tests of one package
  npm run node-versions -- 20.19.0 -- -t 'the wasm'       the oldest one, tests whose names match

Exit codes: 0 all passed, 1 some failed, 64 wrong arguments.`;

function usage(message) {
  console.error(`node-versions: ${message} See npm run node-versions -- --help.`);
  process.exit(64);
}

function parse(args) {
  const at = args.includes('--') ? args.indexOf('--') : args.length;
  try {
    const options = { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } };
    const { values, positionals } = parseArgs({ args: args.slice(0, at), options, allowPositionals: true });
    return { ...values, versions: positionals.length > 0 ? positionals : supported, filters: args.slice(at + 1) };
  } catch (error) {
    return usage(
      `${error.message
        .split('\n')[0]
        .replace(/\.? To specify.*$/, '')
        .replace(/\.$/, '')}.`,
    );
  }
}

const progress = (text) => process.stderr.write(`${text}\n`);

/** A row of the table; a version that cannot be fetched is a failure. */
async function row(wanted, filters) {
  try {
    const binary = binaryOf(wanted, (text) => progress(`Node ${wanted}: ${text}`));
    const version = versionOf(binary);
    progress(`Node ${version}: running vitest ...`);
    const begin = performance.now();
    let said = 0;
    const result = await runTests(binary, filters, (files) => {
      const seconds = Math.round((performance.now() - begin) / 1000);
      if (seconds - said < 30) return;
      said = seconds;
      progress(`Node ${version}: ${files} test files after ${seconds} s`);
    });
    progress(`Node ${version}: ${result.passed} passed, ${result.failed} failed in ${result.seconds} s`);
    return { version, ...result };
  } catch (error) {
    return { version: wanted, passed: 0, failed: 1, skipped: 0, seconds: 0, failures: [error.message] };
  }
}

function table(rows) {
  const columns = ['version', 'passed', 'failed', 'skipped', 'seconds'];
  const line = (cells) =>
    cells
      .map((cell) => String(cell).padEnd(10))
      .join('')
      .trimEnd();
  return [line(columns), ...rows.map((cells) => line(columns.map((column) => cells[column])))].join('\n');
}

const { json, help: asked, versions, filters } = parse(process.argv.slice(2));
if (asked) {
  console.log(help);
} else {
  const wrong = versions.find((version) => !/^\d+(\.\d+){0,2}$/.test(version));
  if (wrong !== undefined) usage(`A version is like 22 or 22.12.0, got ${wrong}.`);
  const rows = [];
  for (const version of versions) rows.push(await row(version, filters));
  if (json) console.log(JSON.stringify(rows));
  else {
    console.log(`\n${table(rows)}`);
    for (const { version, failures, log } of rows)
      if (failures.length > 0) console.log([`\nNode ${version}${log ? ` (${log})` : ''}`, ...failures].join('\n  '));
    const sum = (key) => rows.reduce((total, cells) => total + cells[key], 0);
    console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
  }
  process.exitCode = rows.some(({ failed }) => failed > 0) ? 1 : 0;
}
