import { useEffect, useRef, useState } from 'preact/hooks';
import type { Point } from '../training/plane.ts';
import type { Landscape } from '../training/survey.ts';
import { colorOf } from './color.ts';
import { plain } from './format.ts';

const between = ([a, b]: Point, [c, d]: Point): number => Math.hypot(c - a, d - b);

const range = ({ values }: Landscape): string => {
  const finite = values.flat().filter(Number.isFinite);
  return `${plain(Math.min(...finite))} to ${plain(Math.max(...finite))}`;
};

/** What a reader who does not see the picture is told. */
function summary(landscape: Landscape | undefined): string {
  if (landscape === undefined) return 'Nothing is measured yet.';
  const { step, ways } = landscape;
  const start = ways.sgd[0] as Point;
  const [sgd, sam] = [ways.sgd.at(-1) as Point, ways.sam.at(-1) as Point];
  return `At step ${step} the loss is ${range(landscape)}. SGD is ${plain(between(start, sgd))} from the start, SAM ${plain(between(start, sam))}, and they are ${plain(between(sgd, sam))} apart.`;
}

/** Draws the landscape as wide as its place; what draws contours is loaded when there is one to draw. */
export function LandscapeFigure({ landscape }: { readonly landscape: Landscape | undefined }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [problem, setProblem] = useState('');

  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    const context = element.getContext('2d') as CanvasRenderingContext2D;
    let stale = false;
    const draw = async (): Promise<void> => {
      const { drawLandscape } = await import('./contours.ts');
      // Another has taken its place while the script was loaded.
      if (stale) return;
      const [width, height] = [element.clientWidth, element.clientHeight];
      element.width = width * devicePixelRatio;
      element.height = height * devicePixelRatio;
      context.scale(devicePixelRatio, devicePixelRatio);
      if (landscape)
        drawLandscape(context, landscape, [width, height], {
          card: colorOf('card'),
          ink: colorOf('ink'),
          sgd: colorOf('sgd'),
          sam: colorOf('sam'),
        });
    };
    const redraw = (): void => {
      if (landscape === undefined) context.clearRect(0, 0, element.width, element.height);
      else draw().catch(() => setProblem('The script that draws it is not served: reload the page.'));
    };
    redraw();
    const sizes = new ResizeObserver(redraw);
    sizes.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', redraw);
    return () => {
      stale = true;
      scheme.removeEventListener('change', redraw);
      sizes.disconnect();
    };
  }, [landscape]);

  return (
    <figure class="chart">
      <figcaption>
        <h2>Landscape</h2>
        <p>
          {problem ||
            `loss on the plane through the start and both weights, on which their ways are projected${landscape ? `; the darker the higher, ${range(landscape)} at step ${landscape.step}` : ''}`}
        </p>
      </figcaption>
      <canvas class="landscape" ref={canvas} role="img" aria-label={`Landscape. ${summary(landscape)}`} />
    </figure>
  );
}
