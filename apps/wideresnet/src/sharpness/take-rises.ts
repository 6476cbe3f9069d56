import { key } from '@steppe/random';
import {
  averageSharpness,
  keskarSharpness,
  magnitudes,
  type Rise,
  rhoCurve,
  samCertificate,
  samSharpness,
  theorem2Bound,
  worstCaseSharpness,
} from '@steppe/sharpness';
import { dispose, size, type Tree } from '@steppe/tree';
import { lengthOf } from '../run/radius.ts';
import { adaptiveFactor, measureTable } from './table.ts';
import { isRounding, type Measured, type Reading, reading, rising, type Take, type Taking } from './taking.ts';
import { onTrained } from './trained.ts';

const near = ({ rho, p, wanted }: Taking) => ({ rho, p, ...(wanted && { wanted }) });

/** Takes a measure where every weight moves in proportion to its size. */
const adaptive =
  (take: (taking: Taking, scale: Tree) => Promise<Measured>): Take =>
  async (taking) => {
    const scale = magnitudes(taking.params);
    try {
      return await take({ ...taking, rho: adaptiveFactor * taking.rho }, scale);
    } finally {
      dispose(scale);
    }
  };

const measured = <T extends Rise>(name: keyof typeof measureTable, found: T): Measured => ({
  readings: [rising(measureTable[name].title, found)],
  found,
});

/** Standard deviations at which a draw is about as long as the radius. */
const deviation = ({ rho, params }: Taking): number => rho / Math.sqrt(size(params));

/** The measures of how much the loss rises near the weights. */
export const takeRises = {
  sam: async (t) => measured('sam', await samSharpness(t.loss.loss, t.params, t.images, { ...near(t), ...t.walk })),
  'adaptive-sam': adaptive(async (t, scale) =>
    measured('adaptive-sam', await samSharpness(t.loss.loss, t.params, t.images, { ...near(t), scale, ...t.walk })),
  ),
  worst: async (t) =>
    measured(
      'worst',
      await worstCaseSharpness(t.loss.loss, t.params, t.images, { ...near(t), key: key(t.seed), ...t.walk }),
    ),
  'adaptive-worst': adaptive(async (t, scale) =>
    measured(
      'adaptive-worst',
      await worstCaseSharpness(t.loss.loss, t.params, t.images, { ...near(t), scale, key: key(t.seed), ...t.walk }),
    ),
  ),
  average: async (t) =>
    measured('average', await averageSharpness(t.loss.loss, t.params, t.images, { ...drawn(t), ...t.walk })),
  'adaptive-average': adaptive(async (t, scale) =>
    measured(
      'adaptive-average',
      await averageSharpness(t.loss.loss, t.params, t.images, { ...drawn(t), scale, ...t.walk }),
    ),
  ),
  keskar: async (t) =>
    measured(
      'keskar',
      await keskarSharpness(t.loss.loss, t.params, t.images, {
        ...(t.wanted && { wanted: t.wanted }),
        key: key(t.seed),
        ...t.walk,
      }),
    ),
  'rho-curve': async (t) => {
    const { rho: _, ...ball } = near(t);
    const found = await rhoCurve(t.loss.loss, t.params, t.images, { ...ball, ...t.walk });
    return {
      readings: found.points.map(({ rho, rise: value, ...point }) => rising(`rise at ρ = ${rho}`, { value, ...point })),
      found,
      points: found.points.flatMap(({ rho, rise, resolution }) =>
        isRounding(rise, resolution) ? [] : [[rho, rise] as const],
      ),
    };
  },
  certificate: async (t) => {
    const trained = onTrained(t.loss.loss, t.params, t.wanted);
    const found = await samCertificate(trained.loss, trained.params, t.images, { rho: t.rho, p: t.p, ...t.walk });
    return { readings: certified(found), found };
  },
  bound: async (t) => {
    const { value, loss } = await worstCaseSharpness(t.loss.loss, t.params, t.images, {
      ...near({ ...t, p: 2 }),
      share: 'all',
      key: key(t.seed),
      ...t.walk,
    });
    const found = theorem2Bound({
      worstLoss: loss + value,
      norm: await lengthOf(t.params),
      rho: t.rho,
      examples: t.examples,
      parameters: size(t.params),
    });
    const note = found.vacuous ? 'vacuous: an error is never above 1' : undefined;
    return { readings: [{ ...reading(measureTable.bound.title, found.value), ...(note && { note }) }], found };
  },
} satisfies { readonly [name: string]: Take };

const drawn = (t: Taking) => ({ rho: deviation(t), key: key(t.seed), ...(t.wanted && { wanted: t.wanted }) });

const certified = ({ entries, rise }: Awaited<ReturnType<typeof samCertificate>>): readonly Reading[] => [
  rising('rise', rise),
  ...Object.entries(entries).map(([name, { value, standardError }]) => {
    const { note } = name === 'linearizationRatio' ? rising(name, rise) : {};
    return { ...reading(name, value, standardError), ...(note && { note }) };
  }),
];
