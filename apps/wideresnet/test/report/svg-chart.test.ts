import { expect, test } from 'vitest';
import { svgChart } from '../../src/report/svg-chart.ts';
import { curves } from '../support/curves.ts';

const words = { title: 'Wrong labels & what becomes of them', subtitle: 'WRN-10-1', split: 'test' as const };
const svg = svgChart(curves, words) ?? '';

test('a picture says what it shows: title, axes with units, and each run with its last error, the best one first', () => {
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  expect(texts).toEqual([
    'Wrong labels &amp; what becomes of them',
    'WRN-10-1',
    ...['30 %', '40 %', '50 %', '60 %', '70 %'],
    ...['0', '20', '40', '60', '80', '100', '120'],
    'gradients of a batch since the start (SAM takes two a step, SGD one)',
    'images that come out wrong',
    ...['SAM', '30.0 % wrong', 'SGD &lt;b&gt;equal&lt;/b&gt;', '65.0 % wrong'],
  ]);
});

test('a picture joins the evaluations of each run by a line, from left to right and inside the axes', () => {
  const lines = [...svg.matchAll(/class="line s(\d)[^"]*"[^>]* d="M([\d. L]+)"/g)];
  expect(lines.map(([, series]) => series)).toEqual(['1', '0']);
  for (const [, , path = ''] of lines) {
    const points = path.split('L').map((point) => point.split(' ').map(Number));
    expect(points).toHaveLength(4);
    const xs = points.map(([x]) => x!);
    expect(xs).toEqual([...xs].sort((a, b) => a - b));
    for (const [x, y] of points) expect(x! >= 62 && x! <= 640 && y! >= 104 && y! <= 396).toBe(true);
  }
});

test('a picture follows the light and dark scheme and loads nothing', () => {
  expect(svg).toContain('prefers-color-scheme: dark');
  expect(svg).not.toMatch(/(href|src)=|url\(|@import|<script/);
});

test('there is no picture where nothing was evaluated', () => {
  expect(svgChart([{ name: 'SAM', points: [] }], words)).toBeUndefined();
});
