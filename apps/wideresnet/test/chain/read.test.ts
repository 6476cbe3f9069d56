import { fc, test } from '@fast-check/vitest';
import * as transforms from '@steppe/transforms';
import { describe, expect } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { buildLinks } from '../../src/chain/build.ts';
import { chainSchema } from '../../src/chain/json-schema.ts';
import { printWritten } from '../../src/chain/text.ts';
import type { WrittenChain } from '../../src/chain/written.ts';
import { CommandError } from '../../src/commands/exit-codes.ts';
import { read, someCall } from '../support/chains.ts';

const built = (chain: unknown, steps = 100): string =>
  transforms.textOf(transforms.chain(...buildLinks(read(chain), { transforms, steps, exampleLoss: () => never() })));

function never(): never {
  throw new Error('Nothing is evaluated here.');
}

/** What a chain is refused with: one line for the user, with the code of a wrong option. */
function refusalOf(make: () => unknown): string | undefined {
  try {
    make();
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    expect(error).toMatchObject({ code: 64, message: expect.stringMatching(/^chain[^\r\n]+\.$|\?$/) });
    return error.message;
  }
}

describe('a chain as data', () => {
  test('makes the links that it names, in their order', () => {
    const chain = [
      { addDecayedWeights: 5e-4 },
      { lookSam: { k: 5, rho: 0.05 } },
      { microBatch: 32 },
      { trace: { decay: 0.9, nesterov: true } },
      { scaleBySchedule: { cosineDecay: -0.1 } },
    ];
    expect(built(chain)).toBe(
      'chain(addDecayedWeights(0.0005), lookSam(5, 0.05, 0.7, 2), microBatch(32), trace(0.9, { nesterov: true }), scaleBySchedule(cosineDecay(-0.1, 100)))',
    );
  });

  test.each<readonly [unknown, string]>([
    [{ sgd: 0.1 }, 'chain(chain(scale(-0.1)))'],
    [['centralize', { sgd: 0.1 }], 'chain(centralize(), chain(scale(-0.1)))'],
    [[{ centralize: null }, { scale: -1 }], 'chain(centralize(), scale(-1))'],
    [
      [{ renormalized: { samTransform: { rho: 0.1, p: 'inf' } } }, { scale: -1 }],
      'chain(renormalized(samTransform(0.1, Infinity)), scale(-1))',
    ],
    [
      [{ lookahead: { optimizer: [{ samTransform: 0.1 }, { scale: -1 }], k: 3 } }],
      'chain(lookahead(chain(samTransform(0.1, 2), scale(-1)), 3, 0.5))',
    ],
    [
      [{ masked: { link: { trace: 0.9 }, select: 'matrices' } }, { freeze: { select: '\\.stem' } }, { scale: -1 }],
      "chain(masked(trace(0.9), matrices()), freeze(matching('\\.stem')), scale(-1))",
    ],
    [
      [{ samTransform: { rho: { byGroup: { all: { select: '.', rho: 0.1 } } }, adaptive: 'layer' } }, { scale: -1 }],
      "chain(samTransform(byGroup({ all: { select: matching('.'), rho: 0.1 } }), 2, { adaptive: { by: 'layer' } }), scale(-1))",
    ],
    [[{ sgd: { linear: { from: 0.1, to: 0 } } }], 'chain(chain(scaleBySchedule(-linear(0.1, 0, 100))))'],
  ])('%j is %s', (chain, text) => {
    expect(built(chain)).toBe(text);
  });

  test('a schedule without steps has those of the run, or of the part of it that it is for', () => {
    const rate = { cosineDecay: -1 };
    expect(built([{ scaleBySchedule: { withWarmup: { schedule: rate, steps: 10 } } }])).toContain(
      'cosineDecay(-1, 90)',
    );
    expect(built([{ scaleBySchedule: { join: { schedules: [rate, rate], boundaries: [30] } } }])).toMatch(
      /cosineDecay\(-1, 30\), cosineDecay\(-1, 70\)/,
    );
    const inside = { samTransform: { linear: { from: 0, to: 1 } } };
    const steps = (link: unknown): string => built([link, { scale: -1 }]).replace(/.*linear\(0, 1, (\d+)\).*/, '$1');
    expect([
      steps({ after: { step: 60, link: inside } }),
      steps({ during: { from: 10, to: 30, link: inside } }),
      steps({ interval: { k: 5, link: inside } }),
      steps({ handOver: { step: 40, before: inside, behind: [] } }),
      steps({ handOver: { step: 40, before: [], behind: inside } }),
      steps({ lateSam: { rho: { linear: { from: 0, to: 1 } }, tail: 0.2 } }),
    ]).toEqual(['40', '20', '20', '40', '60', '20']);
  });
});

describe('what is refused, by its path', () => {
  test.each<readonly [unknown, string]>([
    [[{ lookSm: 3 }], 'chain[0]: "lookSm" is no link: did you mean lookSam?'],
    [[{ sgd: 1 }, { nothing: 3 }], 'chain[1]: "nothing" is no link; steppe links lists them.'],
    [[{ perturbBy: 3 }], 'chain[0]: perturbBy takes a function, as a link of your own does, in TypeScript.'],
    [[{ lookSam: { k: 5, roh: 0.05 } }], 'chain[0].lookSam has no option "roh": did you mean rho?'],
    [[{ centralize: { k: 5 } }], 'chain[0].centralize has no option "k": it takes none.'],
    [[{ centralize: 5 }], 'chain[0].centralize must be without options, got 5.'],
    [[{ lookSam: { k: 5, rho: -1 } }], 'chain[0].lookSam.rho must be a finite number of at least 0, got -1.'],
    [[{ lookSam: 5 }], 'chain[0].lookSam.rho is missing: it must be a finite number of at least 0, or a schedule'],
    [[{ samTransform: '0.1' }], 'chain[0].samTransform.rho must be a finite number of at least 0, or a schedule'],
    [
      [{ samTransform: { rho: { liner: 3 } } }],
      'chain[0].samTransform.rho: "liner" is no schedule: did you mean linear?',
    ],
    [[{ scaleBySchedule: { cosinDecay: 3 } }], 'has no option "cosinDecay": did you mean cosineDecay?'],
    [[{ sgd: { warmup: { peak: 1, steps: 0 } } }], 'chain[0].sgd.learningRate.warmup.steps must be a whole number of'],
    [[{ interval: { k: 2, link: [{ samTransform: {} }] } }], 'chain[0].interval.link[0].samTransform.rho is missing'],
    [[{ freeze: '(' }], 'chain[0].freeze.select must be matrices, norms-and-biases or a regular expression'],
    [
      [{ scale: 1, trace: 0.9 }],
      'must be one link, got {"scale":1,"trace":0.9}. Put each link into a record of its own.',
    ],
    [[{}], 'chain[0] must be one link, got {}.'],
    [[3], 'chain[0] must be a link such as { samTransform: 0.05 }, got 3.'],
    [null, 'chain must be a link such as { samTransform: 0.05 }, got null.'],
    [[{ constructor: 3 }], 'chain[0]: "constructor" is no link'],
  ])('%j', (chain, message) => {
    expect(refusalOf(() => read(chain))).toContain(message);
  });

  test.each<readonly [unknown, string]>([
    [
      [{ samTransform: { rho: 0.1, order: 2, steps: 2 } }, { sgd: 1 }],
      'chain[0].samTransform: order: 2 differentiates',
    ],
    [[{ sgd: 0.1 }, { samTransform: 0.1 }], 'chain: samTransform would step downhill behind sgd'],
    [[{ samTransform: 0.1 }], 'chain climbs: what makes the step must turn the gradient around'],
    [[], 'chain must have a link that makes the step, such as { sgd: 0.1 }, got none.'],
    [
      [{ interval: { k: 2, link: { sgd: 0.1 } } }],
      'chain[0].interval: At every step the gradient must point the same way',
    ],
    [[{ sgd: { constant: -0.1 } }], 'chain[0].sgd: The learning rate, a schedule, must be'],
    [[{ during: { from: 3, to: 2, link: [] } }, { sgd: 1 }], 'chain[0].during: to must be at least from, got 2 and 3.'],
    [
      [{ averageWeights: {} }, { sgd: 1 }],
      'chain[0].averageWeights must be the last link of the whole chain, got one before it or around it.',
    ],
    [
      [{ lookahead: [{ sgd: 1 }, 'averageWeights'] }],
      'chain[0].lookahead.optimizer[1].averageWeights must be the last',
    ],
    [[{ random: { rho: 1, p: 3, noise: 'filter' } }, { sgd: 1 }], 'chain[0].random: noise has no norm'],
  ])('by the links themselves: %j', (chain, message) => {
    expect(refusalOf(() => built(chain))).toContain(message);
  });

  test('links inside of links without an end', () => {
    let chain: unknown = { samTransform: 0.1 };
    for (let i = 0; i < 5000; i++) chain = { renormalized: [chain] };
    expect(refusalOf(() => read(chain))).toBe('chain has links inside of more than 16 links.');
  });

  test.prop([fc.jsonValue({ maxDepth: 4 })], { numRuns: 200 })('whatever JSON can say, in one line', (value) => {
    refusalOf(() => built([value, { sgd: 1 }]));
    refusalOf(() => built([{ samTransform: value }, { sgd: 1 }]));
    refusalOf(() => built([{ interval: { k: 2, link: value } }, { partition: value }, { sgd: { join: value } }]));
  });
});

describe('any chain of the table', () => {
  const someChain = fc.array(someCall('link', 2), { maxLength: 3 }).map((links) => links as WrittenChain);
  let made = 0;

  test.prop([someChain], { numRuns: 200 })('is the same after it was printed and read again', (chain) => {
    expect(read(chain)).toEqual(chain);
    expect(read(parse(printWritten(chain)))).toEqual(chain);
    expect(read(JSON.parse(JSON.stringify(chain)))).toEqual(chain);
  });

  test.prop([someChain], { numRuns: 200 })('is built, or refused in one line', (chain) => {
    for (const end of [[], [{ sgd: { learningRate: 0.1 } }]])
      if (refusalOf(() => built([...chain, ...end])) === undefined) {
        made++;
        expect(built([...chain, ...end]).replaceAll('exampleLoss: …', '')).not.toContain('…');
      }
  });

  test('more than a few are built', () => {
    expect(made).toBeGreaterThan(50);
  });

  const schema = z.fromJSONSchema(chainSchema());
  test.prop([someChain], { numRuns: 20 })('keeps to the schema that editors are given', (chain) => {
    expect(schema.safeParse(chain).success).toBe(true);
  });
});
