import { refusal } from '@steppe/check';
import { printJson, spelledNumber } from '@steppe/tree';
import type { RunRecord } from './run-record.ts';

const FIELDS = {
  step: {
    required: ['step', 'epoch', 'loss', 'gradientEvaluations', 'seconds'],
    optional: ['perturbedLoss', 'sharpness', 'gradientNorm', 'epsilonHatNorm', 'learningRate', 'rho', 'timestamp'],
  },
  evaluation: { required: ['step', 'epoch', 'examples'], optional: ['loss', 'errorRate', 'timestamp'] },
  change: { required: ['step'], optional: ['timestamp'] },
} as const;

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A record of a change, of which only the values are its own. */
function checkChanges(record: { readonly [key: string]: unknown }): RunRecord {
  const { changes } = record;
  if (!isRecord(changes) || !Object.values(changes).every((pair) => Array.isArray(pair) && pair.length === 2))
    throw new Error('A change record needs changes, the values before and from here on by name.');
  return record as RunRecord;
}

/**
 * Prints a record of the run log as one line of JSON, without the line's end; NaN and infinities become strings.
 *
 * @example
 * ```ts
 * import { evaluationRecord, printRecord } from '@steppe/train';
 *
 * const line = printRecord(evaluationRecord({ loss: Number.NaN, examples: 8 }, { step: 1, epoch: 0, split: 'test' }));
 * console.log(line); // => {"schema":1,"type":"evaluation","step":1,"epoch":0,"split":"test","examples":8,"loss":"NaN","metrics":{}}
 * ```
 */
export function printRecord(record: RunRecord): string {
  return printJson(record);
}

/**
 * Reads a line of the run log, as `printRecord` prints it; fields that it does not know stay.
 *
 * @throws When the line is not JSON, is of another schema version, or lacks a field, with its name.
 *
 * @example
 * ```ts
 * import { parseRecord } from '@steppe/train';
 *
 * const record = parseRecord('{"schema":1,"type":"evaluation","step":1,"epoch":0,"split":"test","examples":8,"loss":"NaN","metrics":{}}');
 * console.log('loss' in record && record.loss); // => NaN
 * ```
 */
export function parseRecord(line: string): RunRecord {
  if (typeof line !== 'string') throw refusal('A run record', 'a line of JSON', line);
  const revive = (key: string, value: unknown): unknown => (key === 'split' ? value : (spelledNumber(value) ?? value));
  let record: unknown;
  try {
    // Reviving takes four times as long as parsing, and hardly a line of a long log needs it.
    record = /"[+-]?(?:NaN|Infinity)"/i.test(line) ? JSON.parse(line, revive) : JSON.parse(line);
  } catch (cause) {
    throw new Error(`A run record is a line of JSON, got ${JSON.stringify(line.slice(0, 80))}.`, { cause });
  }
  if (!isRecord(record)) throw new Error(`A run record is a JSON object, got ${line.slice(0, 80)}.`);
  const { schema, type } = record;
  if (schema !== 1)
    throw new Error(`This version reads run records of schema 1, got ${JSON.stringify(schema)}: update @steppe/train.`);
  if (type !== 'step' && type !== 'evaluation' && type !== 'change')
    throw new Error(`A run record has the type "step", "evaluation" or "change", got ${JSON.stringify(type)}.`);
  const numeric = (name: string, value: unknown): void => {
    if (typeof value !== 'number')
      throw new Error(`A ${type} record needs a number as ${name}, got ${JSON.stringify(value)}.`);
  };
  for (const name of FIELDS[type].required) numeric(name, record[name]);
  for (const name of FIELDS[type].optional) if (name in record) numeric(name, record[name]);
  if (type === 'evaluation' && typeof record.split !== 'string')
    throw new Error(`An evaluation record needs the name of its data as split, got ${JSON.stringify(record.split)}.`);
  if (type === 'change') return checkChanges(record);
  if (!isRecord(record.metrics)) throw new Error(`A ${type} record needs a record of numbers as metrics.`);
  for (const [name, value] of Object.entries(record.metrics)) numeric(`metrics.${name}`, value);
  // Every field has been looked at; a record of unknowns cannot be narrowed to that.
  return record as RunRecord;
}
