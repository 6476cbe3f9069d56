// Runs every C kernel under the address and undefined-behaviour sanitizers, for each instruction set of this processor, and under
// the thread sanitizer:
// node packages/native/test/sanitize/run.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = fileURLToPath(new URL('../../c/', import.meta.url));
const main = fileURLToPath(new URL('main.c', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'steppe-sanitize-'));
const compiler = process.env.CC ?? 'cc';
const cpu = process.platform === 'linux' ? readFileSync('/proc/cpuinfo', 'utf8') : '';
const memory = 'address,undefined';
const sets = [['baseline', memory, []]];
if (/\bavx2\b/.test(cpu)) sets.push(['avx2', memory, ['-mavx2', '-mfma', '-mbmi2']]);
if (/\bavx512dq\b/.test(cpu))
  sets.push(['avx512', memory, ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mavx2', '-mfma', '-mbmi2']]);
sets.push(['threads', 'thread', []]); // what threads hand over to each other is the same for every instruction set
const files = readdirSync(sources).filter((name) => name.endsWith('.c') && name !== 'probe.c');
// vectors are loaded from 4-byte aligned addresses by type, and integer overflow in casts is spelled out in unsigned types
const flags = [
  '-std=gnu11',
  '-O0', // compiles in a third of the time of -O1 (clang: a twentieth), and no undefined behaviour is optimized away
  '-g',
  '-pthread',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-fno-sanitize-recover=all',
];

try {
  for (const [name, sanitizers, isa] of sets) {
    const program = join(folder, name);
    execFileSync(
      compiler,
      [
        ...flags,
        `-fsanitize=${sanitizers}`,
        ...isa,
        '-I',
        sources,
        main,
        ...files.map((file) => join(sources, file)),
        '-o',
        program,
        '-lm',
      ],
      { stdio: 'inherit' },
    );
    console.log(`${name}: ${execFileSync(program, { encoding: 'utf8' }).trim()}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${sets.length} passed, 0 failed`);
