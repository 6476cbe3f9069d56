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

test('an axis is logarithmic where all that it shows has a logarithm, and nothing to draw is no picture', async () => {
  const points = [0, -1, 2, 3].map((y, x) => [x, y] as const);
  const drawn = async (some: typeof points, isLogAcross = false) =>
    (await curvesPicture([{ name: 'a', hue: 0, points: some }], { ...words, isLog: true, isLogAcross }))?.svg ?? '';
  // Only an axis that is not logarithmic shows -1, and only one that is not has ticks in equal steps.
  expect(await drawn(points)).toContain('>−1.0<');
  expect(await drawn(points.slice(2))).not.toMatch(/aria-label="rule"/);
  const across = [0.01, 0.1, 1].map((x) => [x, x] as const);
  expect(await drawn(across, true)).toMatch(/M72,336L484,183L896,30/);
  expect(await curvesPicture([], words)).toBeUndefined();
  expect(await surfacesPicture([], words)).toBeUndefined();
});

test('a line ends where its curve is not drawn, and begins again behind', async () => {
  const points = [1, 2, Number.NaN, 2, 1].map((y, x) => [x, y] as const);
  const { svg } = (await curvesPicture([{ name: 'a', hue: 0, points }], words)) ?? { svg: '' };
  expect(svg).toMatch(/ d="M[\d.]+,[\d.]+L[\d.]+,[\d.]+M[\d.]+,[\d.]+L[\d.]+,[\d.]+"/);
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
