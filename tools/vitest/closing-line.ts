import { writeSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestModule } from 'vitest/node';

/** What failed and why, on one line. */
const lineOf = (what: string, error: { readonly message?: string } | undefined, word = 'FAILED'): string =>
  `${word} ${what}: ${stripVTControlCharacters(error?.message ?? 'no reason was given').split('\n')[0]}`;

/**
 * Ends a run with what failed and what passed at its second try only, a line each, and `N passed, N failed` alone on the last line, which a reader of a CI log
 * can count on.
 */
export const closingLine: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], errors) {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    const lines = errors.map((error) => lineOf('outside of any test', error));
    for (const module of modules) {
      const before = count.failed;
      for (const test of module.children.allTests()) {
        const { state, errors: [error] = [] } = test.result();
        if (state !== 'pending') count[state] += 1;
        const name = `${module.relativeModuleId} > ${test.fullName}`;
        if (state === 'failed') lines.push(lineOf(name, error));
        if (test.diagnostic()?.flaky) lines.push(lineOf(name, error, 'FLAKY'));
      }
      // A file that breaks while loading has no tests: it still is a failure.
      if (module.state() === 'failed' && count.failed === before) {
        count.failed += 1;
        lines.push(lineOf(module.relativeModuleId, module.errors()[0]));
      }
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
    lines.push(`${count.passed} passed, ${count.failed} failed${skipped}`);
    process.on('exit', () => writeSync(1, `${lines.join('\n')}\n`));
  },
};
