import { precisions } from '@steppe/backends/names';
import { type Entry, link } from './entry.ts';
import { links as chained, groups, lateSchedule } from './nested.ts';
import { type Link, spare } from './param.ts';
import { select } from './selection.ts';
import { bound, count, finite, oneOf, part, size, step } from './values.ts';

/** The links that compose, slice, scale and choose, by name: adding one here is all that it takes. */
export const links = {
  addDecayedWeights: link({
    about: 'adds a share of the weights to the gradient: before SAM it is part of the loss',
    takes: { weightDecay: size('the share') },
    example: 0.0005,
    make: ({ addDecayedWeights }, { weightDecay }) => addDecayedWeights(weightDecay),
  }),
  after: link({
    about: 'applies a link from a step on, and passes the gradient as it is before',
    takes: { step: step('the first step with it, counted from 0'), link: chained('what is applied') },
    example: { step: 1, link: { samTransform: 0.05 } },
    make: ({ after }, { step, link }, { steps }) => after(step, link(steps - step)),
  }),
  allReduceMean: link({
    about:
      'averages what the ranks of steppe launch give: behind SAM each has an ε̂ of its own, before it all share one',
    takes: {},
    example: {},
    make: (_, __, { mean }) => mean(),
  }),
  centralize: link({
    about: 'takes the mean of each output out of the gradient',
    takes: {},
    example: {},
    make: ({ centralize }) => centralize(),
  }),
  clipByGlobalNorm: link({
    about: 'shortens a gradient that is longer than a bound',
    takes: { maxNorm: bound('the bound') },
    example: 5,
    make: ({ clipByGlobalNorm }, { maxNorm }) => clipByGlobalNorm(maxNorm),
  }),
  clipByValue: link({
    about: 'keeps every entry of the gradient within a bound',
    takes: { bound: bound('the bound') },
    example: 1,
    make: ({ clipByValue }, { bound }) => clipByValue(bound),
  }),
  during: link({
    about: 'applies a link from one step up to another, and passes the gradient as it is at the others',
    takes: {
      from: step('the first step with it, counted from 0'),
      to: step('the first step without it again'),
      link: chained('what is applied'),
    },
    example: { from: 0, to: 1, link: { samTransform: 0.05 } },
    make: ({ during }, { from, to, link }) => during(from, to, link(to - from)),
  }),
  firstExamples: link({
    about: 'takes the gradient of the first examples of the batch only: as the ascent of SAM, a cheap one',
    takes: { share: part('the share of the batch, which is its cost') },
    example: 0.5,
    make: ({ firstExamples }, { share }) => firstExamples(share),
  }),
  freeze: link({
    about: 'holds some leaves still and gives the others to a link',
    takes: { select: select('the leaves that are held'), link: spare(chained('what trains the others')) },
    example: { select: 'norms-and-biases', link: [{ samTransform: 0.05 }, { sgd: 0.1 }] },
    make: ({ freeze }, { select, link }) => (link ? freeze(select, link()) : freeze(select)),
  }),
  handOver: link({
    about: 'runs one link for the first steps and another from then on',
    takes: {
      step: step('the first step of the other, counted from 0'),
      before: chained('what runs until then'),
      behind: chained('what runs from then on'),
    },
    example: { step: 1, before: { momentum: 0.1 }, behind: { adam: 0.001 } },
    make: ({ handOver }, { step, before, behind }, { steps }) => handOver(step, before(step), behind(steps - step)),
  }),
  inPrecision: link({
    about: 'takes the gradient with products in a precision: as the ascent of SAM, in a cheap one',
    takes: { precision: oneOf(...precisions)('float32, three products of bfloat16, or one') },
    example: 'default',
    make: ({ inPrecision }, { precision }) => inPrecision(precision),
  }),
  interval: link({
    about: 'applies a link at every k-th step, and passes the gradient as it is at the others',
    takes: { k: count('the period in steps'), link: chained('what is applied') },
    example: { k: 2, link: { samTransform: 0.05 } },
    make: ({ interval }, { k, link }, { steps }) => interval(k, link(Math.floor(steps / k))),
  }),
  masked: link({
    about: 'applies a link to some leaves only, and passes the others as they are',
    takes: { link: chained('what is applied'), select: select('the leaves that it is applied to') },
    example: { link: { addDecayedWeights: 0.0005 }, select: 'matrices' },
    make: ({ masked }, { link, select }) => masked(link(), select),
  }),
  microBatch: link({
    about: 'takes the mean over slices of the batch: behind SAM each slice has an ε̂ of its own, which is m-sharpness',
    takes: { m: count('the examples of a slice') },
    example: 2,
    make: ({ microBatch }, { m }) => microBatch(m),
  }),
  partition: link({
    about: 'gives each group of leaves a link of its own',
    takes: {
      groups: groups(
        { select: select('its leaves'), link: chained('what transforms their gradient') },
        'groups that have each leaf once',
      ),
    },
    example: {
      kernels: { select: 'matrices', link: [{ trace: 0.9 }, { scale: -0.1 }] },
      others: { select: 'norms-and-biases', link: { sgd: 0.2 } },
    },
    make: ({ partition }, { groups }) =>
      partition(
        Object.fromEntries(Object.entries(groups).map(([name, { select, link }]) => [name, { select, link: link() }])),
      ),
  }),
  scale: link({
    about: 'multiplies by a factor; a negative one makes the step',
    takes: { factor: finite('the factor') },
    example: -0.1,
    make: ({ scale }, { factor }) => scale(factor),
  }),
  scaleBySchedule: link({
    about: 'multiplies by a schedule; a negative one makes the step',
    takes: { schedule: lateSchedule('the factor') },
    example: { cosineDecay: -0.1 },
    make: ({ scaleBySchedule }, { schedule }) => scaleBySchedule(schedule()),
  }),
  skipNonFinite: link({
    about: 'skips the steps of an optimizer whose loss or gradient is not a number',
    takes: {
      optimizer: chained('the whole optimizer'),
      limit: spare(count('the skips in a row that end the run')),
    },
    example: { optimizer: [{ samTransform: 0.05 }, { momentum: 0.1 }], limit: 3 },
    make: ({ skipNonFinite }, { optimizer, ...options }) => skipNonFinite(optimizer(), options),
  }),
} as const satisfies { readonly [name: string]: Entry<Link> };
