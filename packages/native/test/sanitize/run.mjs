// Runs the C kernels under the address and undefined-behaviour sanitizers, for each instruction set of this processor:
// every kernel on ragged shapes (main.c), every function of steppe.h with odd arguments and exact memory (fuzz/), and
// every tfjs kernel with odd arguments in Node (odd.mjs). Then main.c under the thread sanitizer, and the odd calls
// again on optimized kernels with canaries.
//   node packages/native/test/sanitize/run.mjs [--seed 1] [--rounds 300] [--mixed 20]     (after npm run build)
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile, runtimeLibrary, variants } from './compile.mjs';
import { oddCallsOn, sanitized, watched } from './node.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '300' },
    mixed: { type: 'string', default: '20' },
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

function odd(name, library, environment) {
  const { told: text, failures } = oddCallsOn(library, environment, join(folder, 'progress'), values.mixed);
  told(name, text, failures);
}

try {
  const asan = await runtimeLibrary();
  if (!asan) told('odd arguments in Node', 'left out: this compiler has no libasan.so', ['compile with gcc: CC=gcc']);
  for (const variant of variants()) {
    const { name, sanitizers } = variant;
    const { main, fuzz, library } = await compile(variant, folder);
    program(`${name}, ragged shapes`, main, []);
    if (sanitizers === 'thread') continue;
    program(`${name}, odd arguments in C`, fuzz, [values.seed, values.rounds]);
    if (!asan) continue;
    odd(`${name}, odd arguments in Node`, library, sanitized(asan));
  }
  odd('odd arguments in Node, optimized kernels and canaries', 'own', watched);
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
