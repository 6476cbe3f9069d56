import { otherwiseOf, sorted } from '../../src/chain/describe.ts';
import type { Entry } from '../../src/chain/entry.ts';
import { notLinks } from '../../src/chain/not-links.ts';
import { sections } from '../../src/chain/table.ts';
import { printWritten } from '../../src/chain/text.ts';
import type { Written } from '../../src/chain/written.ts';
import { wrapped } from '../../src/report/layout.ts';

/** Chains that the page explains, in the words of the command line. */
const shown = {
  lookSam: [
    { addDecayedWeights: 5e-4 },
    { lookSam: { k: 5, rho: 0.05 } },
    { microBatch: 32 },
    { trace: { decay: 0.9, nesterov: true } },
    { scaleBySchedule: { cosineDecay: -0.1 } },
  ],
  tail: [
    { lateSam: { rho: 0.05, tail: 0.3 } },
    {
      handOver: { step: 700, before: { momentum: 0.1 }, behind: { adamw: { learningRate: 1e-3, weightDecay: 0.05 } } },
    },
  ],
  groups: [
    { masked: { link: { addDecayedWeights: 5e-4 }, select: 'matrices' } },
    { samTransform: { rho: { linear: { from: 0.1, to: 0.05 } }, p: 2, perturb: 'norm[12]\\.(scale|bias)$' } },
    { clipByGlobalNorm: 5 },
    { momentum: { learningRate: { withWarmup: { schedule: { cosineDecay: 0.1 }, steps: 100 } } } },
  ],
} as const satisfies { readonly [name: string]: Written };

/** A chain as a config file has it, a link a line. */
const asYaml = (chain: readonly Written[]): string =>
  ['```yaml', 'chain:', ...chain.map((link) => `  - ${printWritten(link)}`), '```'].join('\n');

const optionsOf = ({ takes }: Entry<unknown>): string =>
  Object.entries(takes)
    .map(([name, param]) => `\`${name}\` (${otherwiseOf(param)}): ${param.about}`)
    .join('; ');

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

const table = (entries: object): string =>
  [
    '| name | what it does | options | example |',
    '| --- | --- | --- | --- |',
    ...sorted(entries).map(
      ([name, entry]) =>
        `| \`${name}\` | ${cell(entry.about)} | ${cell(optionsOf(entry))} | \`${cell(printWritten({ [name]: entry.example }))}\` |`,
    ),
  ].join('\n');

const reasons = (): string =>
  [...new Set(Object.values(notLinks))]
    .map((why) => {
      const names = Object.entries(notLinks).flatMap(([name, own]) => (own === why ? [`\`${name}\``] : []));
      return wrapped(`- ${names.join(', ')}: ${why}.`, 118).join('\n  ');
    })
    .join('\n');

/** `docs/chains.md`, of the table that the command line is made of. */
export const chainsPage = (): string => `# Chains from the command line and from config files

<!-- Written by apps/wideresnet/test/chain/page.test.ts (vitest -u) from the table in apps/wideresnet/src/chain. -->

Every link, optimizer and schedule of [@steppe/transforms](../packages/transforms) can be trained with, without a line
of code: \`chain\` is a list of links by name, in a config file or on the command line. It takes the place of the options
that shape the usual chain, from \`rho\` to \`clip\`.

${asYaml(shown.lookSam)}

\`\`\`sh
steppe train --chain '${printWritten(shown.lookSam)}'
steppe train --chain @chain.yaml    # the list alone, in a file
steppe links                        # what there is, a line each
steppe links lookSam                # the options of one, with an example
steppe links --json                 # JSON Schema of all of it, for editors
\`\`\`

The order is the algorithm: the first link sees the gradient of the loss, the last one makes the step, so something
must turn the gradient around: \`scale\` or \`scaleBySchedule\` by a negative number, or an optimizer with its learning
rate. [Which order](which-order.md) says what changes when links change places.

The header of a run shows the chain as code, written by the links themselves. \`config.json\` keeps it as data, and
\`--config RUN/config.json\` repeats the run. What is wrong is refused before any work, in one line that says where:
\`chain[1].lookSam.rho must be a finite number of at least 0, got -1.\`

## How it is written

- A link is a record of its name and its options: \`{ lookSam: { k: 5, rho: 0.05 } }\`. The first option may stand
  alone where no other is needed, \`{ trace: 0.9 }\`, and so may a name that needs none: \`centralize\`.
- Where an option is a link, it is one or a list, which is a chain again.
- Where an option may change with the steps, it is a number or a schedule: \`{ linear: { from: 0.1, to: 0.05 } }\`. A
  schedule that says no steps has those of the run, or of the part of it that it is for: behind a warm-up, up to the
  next of a \`join\`, inside of \`after\`, \`during\`, \`interval\`, \`handOver\` and \`lateSam\`.
- Leaves of the network are chosen by \`matrices\` (two axes or more), \`norms-and-biases\` (the others), or a regular
  expression on their paths, such as \`.groups[1][0].conv1.kernel\`: \`conv\\d\\.kernel$\`. What chooses none is refused
  before the run begins.
- \`p: inf\` is the largest entry.
- \`averageWeights\` and \`scheduleFree\` stand last: their averages are then what is evaluated and saved, with running
  statistics that are estimated anew.

SAM late, with another optimizer for the tail; momentum until then:

${asYaml(shown.tail)}

Decay of the kernels only, SAM on normalization layers only (SAM-ON) with a radius that falls, and a warm-up:

${asYaml(shown.groups)}

## What there is

${Object.entries(sections)
  .map(([title, entries]) => `### ${title}\n\n${table(entries)}`)
  .join('\n\n')}

## What cannot stand in a chain

${reasons()}
- \`microBatch\` has no \`shared\`, \`weight\` and \`aux\` here, and \`esam\` no \`exampleLoss\`: the images of
  a batch count alike, and the losses of the examples are those of the network. \`reduceOnPlateau\` of \`@steppe/train\`
  is a policy of the loop and no link.
- \`--compare\` needs to know what the rival without SAM is, so it is refused beside a chain: run two chains.
`;
