import type { Row } from './conform.ts';

/**
 * Lays rows out as text: a line per case with its error and tolerance, and the counts on the last line.
 *
 * @example
 * ```ts
 * import { formatRows } from '@steppe/conformance';
 *
 * const row = { name: 'Relu', passed: false, error: 0.5, tolerance: 1e-5, reason: 'entry 0 is 1 in place of 0' };
 * console.log(formatRows([row]).split('\n').at(-1)); // => 0 passed, 1 failed
 * ```
 */
export function formatRows(rows: readonly Row[]): string {
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  const number = (x: number): string => (Number.isNaN(x) ? '-' : x === 0 ? '0' : x.toExponential(1)).padEnd(9);
  const lines = rows.map(({ name, passed, error, tolerance, reason }) =>
    `${passed ? 'ok    ' : 'FAILED'} ${name.padEnd(width)}  ${number(error)} of ${number(tolerance)} ${reason}`.trimEnd(),
  );
  const passed = rows.filter((row) => row.passed).length;
  return [...lines, `${passed} passed, ${rows.length - passed} failed`].join('\n');
}
