import type { Run } from '../run.ts';
import { isRecord, type JsonFile } from './json-file.ts';

/** What a run's `config.json` says of it. */
export type Facts = Pick<Run, 'method' | 'options' | 'steps' | 'epochs'> & {
  /** Images in a step. */
  readonly batch?: number;
};

const numberIn = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;

/** Longer values, such as a list of classes, tell runs apart no better. */
const longest = 300;

const plain = (value: unknown): string | number | boolean => {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, longest);
};

/** Reads the facts out of a configuration: that of `steppe train`, or any flat record of options. */
export function factsOf({ value = {} }: JsonFile): Facts {
  const options = isRecord(value.options)
    ? value.options
    : Object.fromEntries(Object.entries(value).filter(([, option]) => typeof option !== 'object'));
  const [batch, steps, epochs] = [numberIn(options.batch), numberIn(value.steps), numberIn(value.epochs)];
  return {
    options: Object.fromEntries(
      Object.entries(options)
        .filter(([, option]) => option !== null)
        .map(([name, option]) => [name, plain(option)]),
    ),
    ...(typeof value.method === 'string' && { method: value.method }),
    ...(steps !== undefined && { steps }),
    ...(epochs !== undefined && { epochs }),
    ...(batch !== undefined && { batch }),
  };
}
