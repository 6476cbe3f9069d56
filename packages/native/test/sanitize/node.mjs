// Runs odd.mjs, and again behind every call that ends the process, so that all are told.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('odd.mjs', import.meta.url));
const mostFailures = 20;

/** The environment of kernels with sanitizers, whose library is `asan`. */
export const sanitized = (asan) => ({
  LD_PRELOAD: asan,
  // V8's leaks are not ours; an allocation of gigabytes fails, as it does where there is no such memory.
  ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=1024',
  UBSAN_OPTIONS: 'print_stacktrace=1',
  STEPPE_DEBUG: 'separate', // no tensor beside another in one allocation: the red zones see every overrun
});

/** The environment of the kernels as users have them, which only canaries watch. */
export const watched = { STEPPE_DEBUG: 'canaries' };

/**
 * Makes all odd calls on a library, `own` for the kernels as users have them.
 *
 * @returns what ran, in words, and every call that a sanitizer, a canary or a signal ended, with the head of its
 * report.
 */
export function oddCallsOn(library, environment, progress, mixed) {
  const failures = [];
  const env = { ...process.env, ...environment };
  for (let from = 0; failures.length < mostFailures; ) {
    const { status, signal, stderr } = spawnSync(process.execPath, [script, library, progress, from, mixed], {
      env,
      encoding: 'utf8',
      timeout: 400_000, // a call that never ends is one that fails
    });
    const at = readFileSync(progress, 'utf8').trim();
    const [, made, refused] = /^done (\d+) (\d+)$/.exec(at) ?? [];
    if (status === 0 && made * 4 < refused) failures.push('Nearly every call was refused: it is hardly tried.');
    if (status === 0) return { told: `${made} odd calls done, ${refused} refused`, failures };
    const [number, ...name] = at.split(' ');
    if (!/^\d+$/.test(number ?? '')) return { told: 'no call was made', failures: [stderr.slice(0, 4000)] };
    const report = stderr.split('\n').filter((line) => /ERROR|runtime error|^\s+#[0-4] |is located/.test(line));
    failures.push(`${name.join(' ')}\n${[signal, ...report.slice(0, 8)].filter(Boolean).join('\n')}`);
    from = Number(number) + 1;
  }
  return { told: `stopped after ${mostFailures} failures`, failures };
}
