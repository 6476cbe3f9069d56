import { contours } from 'd3-contour';
import type { Point } from '../training/plane.ts';
import type { Landscape } from '../training/survey.ts';

/** Colours by their names in the style sheet. */
export type Colors = { readonly [name in 'card' | 'ink' | 'sgd' | 'sam']: string };

const LEVELS = 12;

/** What lies beyond numbers is as high as the highest place. */
function heights({ values }: Landscape): {
  readonly flat: readonly number[];
  readonly least: number;
  readonly most: number;
} {
  const all = values.flat();
  const finite = all.filter(Number.isFinite);
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  return { flat: all.map((value) => (Number.isFinite(value) ? value : most)), least, most };
}

/** Draws contours of equal ratios of the loss, the higher the darker, and on them the ways of both. */
export function drawLandscape(
  context: CanvasRenderingContext2D,
  landscape: Landscape,
  [width, height]: readonly [number, number],
  colors: Colors,
): void {
  const { xs, ys, ways } = landscape;
  const { flat, least, most } = heights(landscape);
  const [left, right, bottom, top] = [xs[0], xs.at(-1), ys[0], ys.at(-1)] as [number, number, number, number];
  const place = ([x, y]: Point): Point => [
    ((x - left) / (right - left)) * width,
    ((top - y) / (top - bottom)) * height,
  ];

  context.clearRect(0, 0, width, height);
  const low = Math.max(least, most * 1e-6);
  const levels = Array.from({ length: LEVELS }, (_, i) => low * (most / low) ** ((i + 0.5) / LEVELS));
  // In units of the grid, where its first point lies at ½.
  const across = (i: number): number => ((i - 0.5) / (xs.length - 1)) * width;
  const down = (j: number): number => height - ((j - 0.5) / (ys.length - 1)) * height;
  context.lineJoin = 'round';
  context.lineWidth = 1;
  context.fillStyle = colors.ink;
  context.strokeStyle = colors.ink;
  for (const { coordinates } of contours().size([xs.length, ys.length]).thresholds(levels)([...flat])) {
    context.beginPath();
    for (const ring of coordinates.flat()) {
      for (const [at, [i, j]] of (ring as [number, number][]).entries())
        if (at === 0) context.moveTo(across(i), down(j));
        else context.lineTo(across(i), down(j));
      context.closePath();
    }
    context.globalAlpha = 0.05;
    context.fill('evenodd');
    context.globalAlpha = 0.25;
    context.stroke();
  }
  context.globalAlpha = 1;

  const dot = (at: Point, color: string): void => {
    const [x, y] = place(at);
    context.beginPath();
    context.arc(x, y, 5.5, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
  };
  const word = (text: string, at: Point, [dx, dy]: Point): void => {
    const [x, y] = place(at);
    context.textAlign = dx < 0 ? 'right' : dx > 0 ? 'left' : 'center';
    context.lineWidth = 3;
    context.strokeStyle = colors.card;
    context.strokeText(text, x + dx, y + dy);
    context.fillStyle = colors.ink;
    context.fillText(text, x + dx, y + dy);
  };
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (const name of ['sgd', 'sam'] as const) {
    context.beginPath();
    for (const at of ways[name]) context.lineTo(...place(at));
    context.lineWidth = 2;
    context.setLineDash(name === 'sgd' ? [6, 4] : []);
    context.strokeStyle = colors[name];
    context.stroke();
    context.setLineDash([]);
    dot(ways[name].at(-1) as Point, colors[name]);
  }
  const start = ways.sgd[0] as Point;
  dot(start, colors.ink);
  word('start', start, [0, -13]);
  word('SGD', ways.sgd.at(-1) as Point, [-10, 0]);
  word('SAM', ways.sam.at(-1) as Point, [10, 0]);
}
