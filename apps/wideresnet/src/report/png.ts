import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { inLight } from './chart-style.ts';

/** The fonts of a picture come with it: many servers have none, and text would be missing without a word. */
function fonts() {
  const folder = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  const family = 'DejaVu Sans';
  return {
    loadSystemFonts: false,
    fontFiles: ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => join(folder, name)),
    defaultFontFamily: family,
    sansSerifFamily: family,
  };
}

/** Draws a chart as a PNG in light colors, two pixels for each of the SVG's. */
export async function toPng(svg: string): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  return new Resvg(inLight(svg), { fitTo: { mode: 'zoom', value: 2 }, font: fonts() }).render().asPng();
}
