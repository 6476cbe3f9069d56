import { expect, test } from 'vitest';
import type { Curve } from '../../src/report/curve.ts';
import { textChart } from '../../src/report/text-chart.ts';
import { curves } from '../support/curves.ts';

const options = { columns: 44, rows: 7, gradients: 120, split: 'test' as const, color: false };

test('a chart for a terminal shows both curves between their axes, with a sign and the last error of each', () => {
  expect(textChart(curves, options).join('\n')).toBe(
    `test error
   70 % │
        │                                ○○○
   60 % │        ●●●●●●              ○○○○
   50 % │        ○○○○○○●●●●●●○○○○○○○○
        │              ○○○○○○●●●●●●
   40 % │                          ●●●●●●
   30 % │                                ●●●
        └───────────────────────────────────
         0                     120 gradients
● SAM 30.0 %   ○ SGD <b>equal</b> 65.0 %`,
  );
});

test('no line is longer than the terminal is wide, nor does a chart change its height while its curves grow', () => {
  const many: readonly Curve[] = [...curves, { ...curves[1]!, name: 'a third run with quite a long name' }];
  for (const columns of [40, 41, 80]) {
    const lines = textChart(many, { ...options, columns });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  }
  const begun = textChart([{ ...curves[0]!, points: curves[0]!.points.slice(0, 1) }], options);
  expect(begun).toHaveLength(textChart(curves.slice(0, 1), options).length);
});

test('colors are said only where they are wanted', () => {
  expect(textChart(curves, options).join('')).not.toContain('\u001B');
  expect(textChart(curves, { ...options, color: true }).join('')).toContain('\u001B[36m●\u001B[0m');
});

test('there is no chart before the first evaluation', () => {
  expect(textChart([{ name: 'SAM', points: [] }], options)).toEqual([]);
});
