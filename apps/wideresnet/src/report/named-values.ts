import type { EvaluationRecord } from '@steppe/train';
import type { Summary } from '../run/summary.ts';

/** A name as programs take it: `test_error` of testError, `sgd_equal_gradients` of "SGD, equal gradients". */
export const flat = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');

type Values = Readonly<Record<string, unknown>>;

/** Values in one line, as sweep engines look for them: `test_error=0.125 test_loss=0.4`; what has no value is left
 * out. */
function namedValues(values: Values, prefix: string): string {
  const known = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return known.map(([name, value]) => `${prefix}${flat(name)}=${value}`).join(' ');
}

/**
 * What stands before the names of a run's values.
 *
 * @param isFirst - Whether it is the run that the command is about: its names are bare, those of the runs that it is
 * compared with begin with theirs.
 */
export const prefixOf = (name: string, isFirst: boolean): string => (isFirst ? '' : `${flat(name)}_`);

/** An evaluation for programs: `epoch=2 step=6 test_error=0.125 test_loss=0.4`. */
export function evaluationLine(record: EvaluationRecord, prefix: string): string {
  const { epoch, step, split, errorRate, loss, metrics } = record;
  const measured = Object.entries({ error: errorRate, loss, ...metrics });
  return namedValues(
    { epoch, step, ...Object.fromEntries(measured.map(([name, value]) => [`${split}_${name}`, value])) },
    prefix,
  );
}

/** What a run came to for programs: `status=complete steps=6 ... test_error=0.125 ... seconds=4.2`. */
export function resultLine({ schema: _, name: __, ...values }: Summary, prefix: string): string {
  return namedValues(values, prefix);
}
