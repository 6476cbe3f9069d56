import { key } from '@steppe/random';
import { margins, noiseCurve, pacBayesSigma, quantizationCurve, weightNorms } from '@steppe/sharpness';
import { measureTable } from './table.ts';
import { reading, type Take, type Taking } from './taking.ts';

const chosen = ({ wanted }: Taking) => (wanted === undefined ? {} : { wanted });

/** The measures of how large the weights are and how much they bear. */
export const takeNorms = {
  'pac-bayes': async (t) => {
    const found = await pacBayesSigma(t.loss.accuracy, t.params, t.images, {
      ...chosen(t),
      key: key(t.seed),
      ...t.walk,
    });
    const note = found.reached ? {} : { note: `the accuracy drops by ${found.drop.toFixed(2)} there` };
    return { readings: [{ ...reading(measureTable['pac-bayes'].title, found.sigma), ...note }], found };
  },
  margins: async (t) => {
    const { outputs } = t.loss;
    const { values, ...found } = await margins({ outputs, labels: ({ labels }) => labels }, t.params, t.images, t.walk);
    return {
      readings: [reading(measureTable.margins.title, found.value)],
      found: { ...found, values: Array.from(values) },
    };
  },
  norm: async (t) => {
    const found = await weightNorms(t.params, { kernels: () => false });
    return { readings: [reading(measureTable.norm.title, found.norm)], found: { norm: found.norm } };
  },
  quantization: async (t) => {
    const found = await quantizationCurve(t.loss.accuracy, t.params, t.images, { ...chosen(t), ...t.walk });
    return { readings: found.points.map(({ bits, value }) => reading(`accuracy at ${bits} bits`, value)), found };
  },
  noise: async (t) => {
    const found = await noiseCurve(t.loss.accuracy, t.params, t.images, { ...chosen(t), key: key(t.seed), ...t.walk });
    return {
      readings: found.points.map(({ level, value, standardError }) =>
        reading(`accuracy at noise ${level}`, value, standardError),
      ),
      found,
    };
  },
} satisfies { readonly [name: string]: Take };
