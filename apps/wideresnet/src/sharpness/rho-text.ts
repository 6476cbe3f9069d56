import type { Picture } from '../report/charts.ts';
import { aligned } from '../report/comparison.ts';
import { shownNorm } from '../run/radius.ts';
import type { RhoResult, RhoRow } from './advise-run.ts';
import { curveWords } from './draw.ts';
import { curvesPicture } from './pictures.ts';
import { errorText, short, takenOn } from './table-text.ts';
import { isRounding } from './taking.ts';

/** Whether SAM's linear model holds as far as a radius, by the rule of the advice, which looks at no rounding. */
function holds({ suggested }: RhoResult['advice'], { rho, rise, promised, resolution }: RhoRow): string {
  if (isRounding(Math.max(Math.abs(rise), promised), resolution)) return 'not known';
  return suggested !== null && rho <= suggested ? 'holds' : 'broken';
}

const isRounded = ({ rise, resolution }: RhoRow): boolean => isRounding(rise, resolution);

/** A row for each radius; that of the run is marked. */
export function rhoLines({ points, advice, own }: RhoResult): readonly string[] {
  return aligned({
    head: ['ρ', 'promised', 'true rise', 'ratio', 'cosine', 'linear model', ''],
    rows: points.map((point) => [
      String(point.rho),
      short(point.promised),
      `${short(point.rise)}${point.standardError === null ? '' : errorText(point.standardError)}`,
      isRounded(point) ? 'rounding' : point.linearizationRatio.toFixed(2),
      point.gradientCosine === null ? 'not measured' : point.gradientCosine.toFixed(3),
      holds(advice, point),
      point.rho === own ? "the run's own ρ" : '',
    ]),
  });
}

const where = ({ step }: RhoResult): string => (step === null ? '' : ` of step ${step}`);

/** The advice in one sentence, with what it rests on and what it does not tell. */
export function adviceSentence(result: RhoResult): string {
  const { advice, images } = result;
  const kind = images.split === 'train' ? 'training images' : 'test images';
  return `${advice.words.replace(/\.$/, '')}; this rests on the loss around the weights${where(result)} alone, on ${images.examples} ${kind} in batches of ${images.batch}, and does not tell which ρ generalizes best, which only a search on held-out images does (steppe sweep --help).`;
}

/** What the columns are, on what they were taken, and what could not be. */
export function rhoNotes(result: RhoResult): readonly string[] {
  const [loss, statistics] = takenOn(result);
  return [
    'promised: ρ‖g‖_q of the linear model. true rise: L(w + ε̂) - L(w), ± one standard error over batches. cosine: of the gradients at w and w + ε̂; where it is 1, SAM steps as plain descent does.',
    `${loss}, loss ${short(result.loss)} at the weights${where(result)}, p = ${shownNorm(result.p)}, ${statistics}.`,
    ...(result.own === null
      ? ['No radius is marked: the run had none at this norm, or one in a chain of its own.']
      : []),
    ...(result.points.some(isRounded)
      ? [
          'Where it says rounding, the loss rises by less than float32 tells, 10⁻⁶ of it: such a radius is too small for these weights, and its rise is not drawn.',
        ]
      : []),
    ...result.points.flatMap(({ rho, failure }: RhoRow) =>
      failure === undefined ? [] : [`The cosine at ρ = ${rho} is not measured: ${failure}`],
    ),
  ];
}

/** Draws the true rise over what is promised, with the run's own radius as an upright line. */
export function rhoPicture({ name, points, own, ...result }: RhoResult): Promise<Picture | undefined> {
  const shown = points.filter((point) => !isRounded(point));
  const rises = shown.map(({ rho, rise }) => [rho, rise] as const);
  const heights = shown.flatMap(({ rise, promised }) => [rise, promised]).filter((height) => height > 0);
  const [bottom, top] = [Math.min(...heights), Math.max(...heights)];
  return curvesPicture(
    [
      { name: `${name}: true rise`, hue: 0, points: rises },
      { name: 'promised', hue: 2, points: points.map(({ rho, promised }) => [rho, promised] as const) },
      ...(own === null
        ? []
        : [{ name: "the run's own ρ", hue: 3, points: [[own, bottom] as const, [own, top] as const] }]),
    ],
    { ...curveWords['rho-curve'], subtitle: `${takenOn(result)[0]}, p = ${shownNorm(result.p)}` },
  );
}
