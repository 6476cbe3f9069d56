import { CommandError } from '../commands/exit-codes.ts';
import { type Link, type Making, type Params, within } from './param.ts';
import { entryIn } from './table.ts';
import type { Written, WrittenCall, WrittenChain, WrittenOptions } from './written.ts';

/** Makes a refusal of the package one line that says where; what is a defect stays one. */
function told<Made>({ path, nameOf }: Making, make: () => Made): Made {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof Error) || cause.constructor !== Error) throw cause;
    throw new CommandError(`${nameOf(path)}: ${cause.message}`, undefined, { cause });
  }
}

function buildOptions(takes: Params, written: Written, making: Making): { readonly [option: string]: unknown } {
  const options = written as WrittenOptions;
  return Object.fromEntries(
    Object.entries(takes).flatMap(([name, param]) => {
      const value = options[name];
      return value === undefined ? [] : [[name, param.build(value, within(making, `.${name}`))]];
    }),
  );
}

function buildCall(kind: 'link' | 'radius', written: Written, making: Making): unknown {
  const [[name, options] = ['', {}]] = Object.entries(written as WrittenCall);
  const at = within(making, `.${name}`);
  const entry = entryIn(kind, name);
  if (entry === undefined) throw new Error(`${at.path} was not read by readChain.`);
  return told(at, () => entry.build(options, at));
}

/** Links in their order, each made. */
const buildEach = (written: WrittenChain, making: Making): readonly Link[] =>
  written.map((each, i) => buildCall('link', each, within(making, `[${i}]`)) as Link);

function buildNested(written: Written, making: Making): Link {
  const made = buildEach(written as WrittenChain, making);
  const [only] = made;
  return made.length === 1 && only !== undefined ? only : told(making, () => making.transforms.chain(...made) as Link);
}

/** Links whose averages are evaluated and saved in the place of the weights, where they stand last. */
const averages: readonly string[] = ['averageWeights', 'scheduleFree'];

/** Refuses an average that nobody would look at. */
function checkAverages(written: WrittenChain, nameOf: Making['nameOf']): void {
  const look = (part: Written, path: string, last: boolean): void => {
    if (typeof part !== 'object') return;
    for (const [name, value] of Object.entries(part)) {
      const at = `${path}${Array.isArray(part) ? `[${name}]` : `.${name}`}`;
      if (averages.includes(name) && !last)
        throw new CommandError(
          `${nameOf(at)} must be the last link of the whole chain, got one before it or around it.`,
        );
      look(value, at, path === 'chain' && Number(name) === written.length - 1);
    }
  };
  look(written, 'chain', false);
}

/**
 * Makes the links that a chain describes, which together are an optimizer.
 *
 * @param steps - Those of the run, for schedules that say none.
 * @param nameOf - A path in the chain as whoever said it would write it.
 * @throws When the links refuse their options or each other, or the whole climbs, in one line with the path.
 */
export function buildLinks(
  written: WrittenChain,
  {
    nameOf = (path) => path,
    mean = () => making.transforms.chain() as Link,
    ...making
  }: Pick<Making, 'transforms' | 'steps' | 'exampleLoss'> & Partial<Pick<Making, 'nameOf' | 'mean'>>,
): readonly Link[] {
  if (written.length === 0)
    throw new CommandError(`${nameOf('chain')} must have a link that makes the step, such as { sgd: 0.1 }, got none.`);
  checkAverages(written, nameOf);
  const whole: Making = {
    ...making,
    nameOf,
    mean,
    path: 'chain',
    links: buildNested,
    call: (call, at) => buildCall('radius', call, at),
    options: buildOptions,
  };
  const links = buildEach(written, whole);
  if (told(whole, () => making.transforms.chain(...links)).sign === 1)
    throw new CommandError(
      `${nameOf('chain')} climbs: what makes the step must turn the gradient around, such as { sgd: 0.1 } or { scale: -0.1 } at its end.`,
    );
  return links;
}
