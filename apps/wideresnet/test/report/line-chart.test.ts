import { fc, test as law } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { inLight } from '../../src/report/chart-style.ts';
import { type ChartLine, lineChart } from '../../src/report/line-chart.ts';
import { toPng } from '../../src/report/png.ts';

const words = {
  id: 'x',
  title: 'T',
  subtitle: 'S',
  across: 'steps',
  up: 'loss',
  unit: '',
  description: 'all',
} as const;
const draw = (...lines: readonly ChartLine[]) => lineChart(lines, words) ?? '';
const number = fc.oneof(
  fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e30, max: 1e30 }),
  fc.constantFrom(Number.NaN, Infinity, 0),
);

law.prop([fc.array(fc.tuple(number, number), { maxLength: 20 })], { numRuns: 50 })(
  'a chart holds only finite places, whatever the run logged',
  (points) => {
    const svg = draw({ name: '<b>', points, hue: 7 });
    expect(svg).not.toMatch(/NaN|Infinity|<b>/);
    expect(svg === '').toBe(!points.some(([x, y]) => Number.isFinite(x) && Number.isFinite(y)));
  },
);

test('a legend that has no room for all lines counts the others', () => {
  const svg = draw(
    ...Array.from({ length: 30 }, (_, hue) => ({ name: `run ${hue}`, points: [[0, hue]] as const, hue })),
  );
  expect(svg).toContain('>run 0<');
  expect(svg).toMatch(/and 2\d more/);
  const names = svg.match(/class="name"/g)?.length ?? 0;
  expect(svg).toContain(`and ${30 - names} more`);
});

test('in light colors a chart has no variables left, and becomes a PNG of twice its size with text in it', async () => {
  const svg = draw({
    name: 'SAM, w + ε̂',
    points: [
      [0, 1],
      [10, 2],
    ],
    hue: 0,
    dash: '5 3',
    note: '2',
  });
  expect(svg).toContain('var(--');
  expect(inLight(svg)).not.toMatch(/var\(|@media/);
  const [png, without] = [await toPng(svg), await toPng(svg.replace(/<text.*<\/text>/g, ''))];
  expect(Buffer.from(png.subarray(1, 4)).toString()).toBe('PNG');
  expect([Buffer.from(png).readUInt32BE(16), Buffer.from(png).readUInt32BE(20)]).toEqual([1840, 920]);
  expect(png.length).toBeGreaterThan(without.length + 5000);
});
