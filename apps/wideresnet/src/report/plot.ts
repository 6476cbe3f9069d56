import type * as Plot from '@observablehq/plot';
import { chartStyle, hues } from './chart-style.ts';
import { escaped } from './escape.ts';

/** What a picture says beside its plots. */
export type PlotWords = {
  /** Tells the elements of several pictures of one page apart. */
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  /** One sentence for those who cannot see it. */
  readonly description: string;
};

/** A name beside its color and its dash. */
export type LegendEntry = { readonly name: string; readonly hue: number };

/** A plot in a picture, one below the other. */
export type PlotPart = { readonly height: number; readonly options: Plot.PlotOptions };

const width = 920;

/** The color of a run, which follows the reader's scheme. */
export const color = (hue: number): string => `var(--c${hue % hues})`;

/** Places with a tenth of a pixel: digits that nobody sees make most of a file of contours. */
const short = (svg: string): string =>
  svg.replace(/ (?:d|transform|x\d?|y\d?|width|height)="[^"]*"/g, (attribute) =>
    attribute.replace(/-?\d+\.\d+/g, (number) => String(Math.round(10 * Number(number)) / 10)),
  );

/** A plot as an element of another SVG: without the style that programs other than browsers cannot read. */
const inside = (svg: string, y: number): string =>
  short(svg)
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/^<svg class="[^"]*"|^<svg/, `<svg y="${y}" aria-hidden="true"`)
    .replaceAll('currentColor', 'var(--soft)');

/** The names of a picture in lines, as many in each as fit. */
function legend(entries: readonly LegendEntry[], top: number): { readonly svg: string; readonly height: number } {
  let [x, y] = [20, top];
  const drawn = entries.map(({ name, hue }) => {
    const wide = 44 + 8 * name.length;
    if (x > 20 && x + wide > width - 20) [x, y] = [20, y + 22];
    const at = x;
    x += wide;
    return `<path class="line s${hue % hues}" d="M${at} ${y - 5}h20"/><text class="name" x="${at + 26}" y="${y}">${escaped(name)}</text>`;
  });
  return { svg: drawn.join('\n'), height: entries.length === 0 ? 0 : y - top + 22 };
}

/**
 * Draws plots of Observable Plot as one SVG in the style of all charts: it follows the reader's light or dark scheme and
 * loads nothing.
 *
 * @param parts - From top to bottom.
 */
export async function plotPicture(
  { id, title, subtitle, description }: PlotWords,
  entries: readonly LegendEntry[],
  parts: readonly PlotPart[],
): Promise<string> {
  // Both take a second to load, which no other command should wait for.
  const [{ plot }, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const names = legend(entries, 84);
  let y = 72 + names.height;
  const drawn = parts.map(({ height, options }) => {
    const svg = inside(plot({ document, width, height, ...options }).outerHTML, y);
    y += height;
    return svg;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${y + 12}" width="${width}" height="${y + 12}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${escaped(title)}</title>
<desc id="${id}-description">${escaped(description)}</desc>
<style>${chartStyle}</style>
<rect class="ground" width="${width}" height="${y + 12}" rx="8"/>
<text class="title" x="20" y="32">${escaped(title)}</text>
<text x="20" y="52">${escaped(subtitle)}</text>
${names.svg}
${drawn.join('\n')}
</svg>
`;
}
