import { expect, test } from 'vitest';
import { toPng } from '../../src/report/png.ts';
import { curvesPicture, surfacesPicture } from '../../src/sharpness/pictures.ts';

const words = { name: 'a', title: 'Loss & more', subtitle: 'below', across: 'α', up: 'loss' };
const xs = [-1, 0, 1];
const losses = xs.map((y) => xs.map((x) => 0.1 + x * x + y * y));

test('curves become one SVG that loads nothing, follows the scheme and survives odd names', async () => {
  const curve = { hue: 0, points: [[0, 1] as const, [1, 2] as const, [2, Number.NaN] as const] };
  const { svg, name } = (await curvesPicture(
    [
      { ...curve, name: '<b>"SAM" & co' },
      { ...curve, name: 'SGD', hue: 1 },
    ],
    words,
  )) ?? {
    svg: '',
    name: '',
  };
  expect(name).toBe('a');
  expect(svg).toContain('&lt;b&gt;&quot;SAM&quot; &amp; co');
  expect(svg).toContain('Loss &amp; more');
  expect(svg).toContain('prefers-color-scheme: dark');
  expect(svg).toContain('stroke="var(--c1)"');
  expect(svg).not.toMatch(/NaN|href=|url\(|@import|<script/);
  expect([...(await toPng(svg)).subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
});

test('a logarithmic axis leaves out what has no logarithm, and nothing to draw is no picture', async () => {
  const points = [0, -1, 2, 3].map((y, x) => [x, y] as const);
  expect(
    await curvesPicture([{ name: 'a', hue: 0, points: points.slice(0, 2) }], { ...words, isLog: true }),
  ).toBeUndefined();
  expect(await curvesPicture([{ name: 'a', hue: 0, points }], { ...words, isLog: true })).toBeDefined();
  expect(await curvesPicture([], words)).toBeUndefined();
  expect(await surfacesPicture([], words)).toBeUndefined();
});

test('surfaces of runs stand beside each other in the same colors, with ways on them, and losses without end', async () => {
  const broken = losses.map((row, j) => row.map((loss, i) => (i + j === 0 ? Number.POSITIVE_INFINITY : loss)));
  const paths = [{ name: 'way', hue: 2, points: [[-1, -1] as const, [0.5, 0.5] as const] }];
  const { svg } = (await surfacesPicture(
    [
      { name: 'one', xs, ys: xs, losses },
      { name: 'two', xs, ys: xs, losses: broken, paths },
    ],
    words,
  )) ?? { svg: '' };
  for (const text of ['one', 'two', 'way', 'loss']) expect(svg).toContain(`>${text}`);
  expect(svg).toContain('var(--c2)');
  expect(svg).not.toMatch(/NaN|Infinity/);
  expect(svg.length).toBeLessThan(150_000);
});
