import { refusal } from '@steppe/check';
import type { GradientTransformation, Schedule } from '../contract.ts';
import type { Call } from './call.ts';

type Made = { readonly made?: Call; readonly name?: string };

const isMade = (value: object): value is Made => 'made' in value || 'update' in value;

/** An argument as one writes it; empty options are left out. */
function written(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return String(value);
  if (isMade(value)) return shown(value);
  if (typeof value === 'function') return '…';
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return entries.length === 0 ? '' : `{ ${entries.map(([name, entry]) => `${name}: ${written(entry)}`).join(', ')} }`;
}

function shown({ made, name }: Made): string {
  if (made === undefined) return name === undefined ? '…' : `${name}(…)`;
  const args = made.args.map(written).filter((text) => text !== '');
  return `${made.name}(${args.join(', ')})`;
}

/**
 * Writes down the call that makes a transformation or a schedule, for logs: that of a chain shows its links, in their
 * order.
 *
 * The text is made of what the links were made of, so it cannot differ from what they do. What says nothing of itself,
 * such as a schedule or a link of your own without a `made`, is an ellipsis.
 *
 * @example
 * ```ts
 * import { chain, cosineDecay, samTransform, scaleBySchedule, textOf } from '@steppe/transforms';
 *
 * const optimizer = chain(samTransform(0.05), scaleBySchedule(cosineDecay(-0.1, 1000)));
 * console.log(textOf(optimizer)); // => chain(samTransform(0.05, 2), scaleBySchedule(cosineDecay(-0.1, 1000)))
 * ```
 */
export function textOf(made: Pick<GradientTransformation<never>, 'name' | 'made'> | Schedule): string {
  if (Object(made) !== made) throw refusal('What textOf writes', 'a transformation or a schedule', made);
  return shown(made);
}
