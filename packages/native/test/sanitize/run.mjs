// Runs the C kernels under the address and undefined-behaviour sanitizers, for each instruction set of this processor: every kernel on
// ragged shapes (main.c), and every function of steppe.h with odd arguments and exact memory (fuzz/). Then main.c under the thread
// sanitizer.
//   node packages/native/test/sanitize/run.mjs [--seed 1] [--rounds 300]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile, variants } from './compile.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '300' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'steppe-sanitize-'));
let [passed, failed] = [0, 0];

/** Counts and prints one check. */
function told(name, text, failures) {
  console.log(`${name}: ${text}`);
  for (const failure of failures) console.log(`  failed: ${failure.replaceAll('\n', '\n    ')}`);
  if (failures.length === 0) passed++;
  else failed += failures.length;
}

function program(name, path, args) {
  const { status, signal, stdout, stderr } = spawnSync(path, args, { encoding: 'utf8' });
  told(name, stdout.trim(), status === 0 ? [] : [`${signal ?? status} ${stderr.slice(0, 6000)}`]);
}

try {
  for (const variant of variants()) {
    const { name, sanitizers } = variant;
    const { main, fuzz } = await compile(variant, folder);
    program(`${name}, ragged shapes`, main, []);
    if (sanitizers === 'thread') continue;
    program(`${name}, odd arguments in C`, fuzz, [values.seed, values.rounds]);
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
