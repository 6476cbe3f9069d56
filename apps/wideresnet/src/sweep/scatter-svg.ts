import { chartStyle } from '../report/chart-style.ts';
import { escaped } from '../report/escape.ts';
import { type Dot, means, placeY, type Scatter } from './scatter.ts';

const size = { width: 720, height: 420 } as const;
const plot = { left: 62, right: 690, top: 84, bottom: 350 } as const;

const style = `${chartStyle}.chart .mean { fill: none; stroke: var(--c0); stroke-width: 1.5; opacity: 0.6; }
.chart .dot { fill: var(--c0); }
.chart .best { fill: var(--c1); }
`;

const short = (n: number): string => String(Math.round(10 * n) / 10);

/**
 * Draws the trials of a sweep as SVG: a dot for each, a line through their means, the best one in another color and
 * shape. It follows the reader's light or dark scheme and loads nothing.
 *
 * @param title - Of the whole picture, such as the name of the sweep.
 */
export function scatterSvg(scatter: Scatter, title: string): string {
  const x = (value: number): string => short(plot.left + 24 + scatter.placeX(value) * (plot.right - plot.left - 48));
  const y = (value: number): string => short(plot.top + placeY(scatter, value) * (plot.bottom - plot.top));
  const { option, best, dots, marks, axis } = scatter;
  const across = axis.ticks.map(
    (tick) =>
      `<path class="grid" d="M${plot.left} ${y(tick)}H${plot.right}"/><text x="${plot.left - 8}" y="${y(tick)}" dy="4" text-anchor="end">${tick}</text>`,
  );
  const along = marks.map((mark) => `<text x="${x(mark)}" y="${plot.bottom + 22}" text-anchor="middle">${mark}</text>`);
  const circle = (dot: Dot): string =>
    `<circle class="dot" cx="${x(dot.x)}" cy="${y(dot.y)}" r="4.5"><title>${option} ${dot.x}: ${short(dot.y)}</title></circle>`;
  const line = means(scatter).map((dot) => `${x(dot.x)} ${y(dot.y)}`);
  const about = `${scatter.title} over ${option}: best ${short(best.y)} at ${best.x}, of ${dots.length} trials`;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-labelledby="sweep-title sweep-description">
<title id="sweep-title">${escaped(title)}</title>
<desc id="sweep-description">${escaped(about)}</desc>
<style>${style}</style>
<rect class="ground" width="${size.width}" height="${size.height}" rx="8"/>
<text class="title" x="20" y="32">${escaped(title)}</text>
<text x="20" y="54">${escaped(about)}</text>
${[...across, ...along].join('\n')}
<text x="${(plot.left + plot.right) / 2}" y="${plot.bottom + 46}" text-anchor="middle">${escaped(option)}</text>
<path class="mean" d="M${line.join('L')}"/>
${dots
  .filter((dot) => dot !== best)
  .map(circle)
  .join('\n')}
<rect class="best" x="-6" y="-6" width="12" height="12" transform="translate(${x(best.x)} ${y(best.y)}) rotate(45)"><title>${option} ${best.x}: ${short(best.y)}</title></rect>
</svg>
`;
}
