import type { Picture } from '../report/charts.ts';
import { toPng } from '../report/png.ts';
import type { NamedFiles } from '../run/leave-files.ts';
import { shownNorm } from '../run/radius.ts';
import type { Between } from './between.ts';
import { curvesPicture, type PictureWords, type RunCurve, surfacesPicture } from './pictures.ts';
import type { RunMeasured } from './result.ts';
import type { OwnMeasure } from './table.ts';
import { takenOn } from './table-text.ts';

type Words = Omit<PictureWords, 'subtitle'>;

/** The pictures of curves, by the measure that they are of. */
export const curveWords = {
  spectrum: {
    name: 'spectrum',
    title: 'Spectrum of the Hessian',
    across: 'eigenvalue λ',
    up: 'density',
    isLog: true,
  },
  'rho-curve': {
    name: 'rho-curve',
    title: 'How much the loss rises within a radius',
    across: 'ρ',
    up: 'L(w + ε̂) − L(w)',
    isLog: true,
    isLogAcross: true,
  },
  landscape: {
    name: 'landscape',
    title: 'The loss along a random direction',
    across: 'α, of the length of each filter',
    up: 'loss',
  },
} as const satisfies { readonly [name in OwnMeasure]?: Words };

const surfaceWords = { name: 'surface', title: 'The loss over two random directions', across: 'α', up: 'β' } as const;

/** What is drawn otherwise along eigenvectors, which are 1 long. */
const alongEigenvectors = {
  landscape: { title: 'The loss along the first eigenvector of the Hessian', across: 'α, as long as ρ' },
  surface: {
    title: 'The loss over the first two eigenvectors of the Hessian',
    across: 'α of the first, as long as ρ',
    up: 'β of the second',
  },
} as const;

/** Draws all that was found of some runs, over each other or beside each other. */
export async function picturesOf(
  runs: readonly RunMeasured[],
  { barrier, trajectory }: { readonly barrier?: Between | undefined; readonly trajectory?: Between | undefined },
  subtitle: string,
): Promise<readonly Picture[]> {
  const isAlongEigenvectors = runs[0]?.result.axes === 'eigenvectors';
  const own: Partial<typeof alongEigenvectors> = isAlongEigenvectors ? alongEigenvectors : {};
  const first = runs[0]?.result;
  // A radius has a part in the rise over it, and in landscapes that are as wide.
  const plain = first === undefined ? subtitle : takenOn(first).join(', ');
  const landscapes = isAlongEigenvectors ? subtitle : plain;
  const ofNorm = first === undefined ? subtitle : `${plain}, p = ${shownNorm(first.p)}`;
  const subtitles = { spectrum: plain, 'rho-curve': ofNorm, landscape: landscapes };
  const names = Object.keys(curveWords) as (keyof typeof curveWords)[];
  const curves = await Promise.all(
    names.map((name) => {
      const all: readonly RunCurve[] = runs.map(({ result, drawn }, hue) => ({
        name: result.name,
        hue,
        points: drawn[name]?.points ?? [],
      }));
      return curvesPicture(all, {
        ...curveWords[name],
        ...(name === 'landscape' && own.landscape),
        subtitle: subtitles[name],
      });
    }),
  );
  const surfaces = runs.flatMap(({ result, drawn: { surface } }) =>
    surface?.surface === undefined ? [] : [{ name: result.name, ...surface.surface, losses: surface.surface.values }],
  );
  const way = first?.name ?? '';
  // Between runs the statistics are those of each batch, whatever they are around one.
  const onTheWay = first === undefined ? subtitle : takenOn({ ...first, batchNorm: 'training' }).join(', ');
  return [
    ...curves,
    await surfacesPicture(surfaces, { ...surfaceWords, ...own.surface, subtitle: landscapes }),
    await curvesPicture(barrier?.curves ?? [], {
      name: 'barrier',
      title: 'The loss on the way between the runs',
      subtitle: onTheWay,
      across: `0 is ${way}`,
      up: 'loss',
    }),
    await surfacesPicture(trajectory?.surface ? [trajectory.surface] : [], {
      name: 'trajectory',
      title: 'Ways of the runs',
      subtitle: onTheWay,
      across: 'first principal axis',
      up: 'second principal axis',
    }),
  ].filter((picture) => picture !== undefined);
}

/** Pictures as files, each as SVG and as PNG. */
export async function filesOf(pictures: readonly Picture[]): Promise<NamedFiles> {
  return [
    ...pictures.map(({ name, svg }) => [`${name}.svg`, svg] as const),
    ...(await Promise.all(pictures.map(async ({ name, svg }) => [`${name}.png`, await toPng(svg)] as const))),
  ];
}
