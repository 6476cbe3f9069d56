import { check, explained, outOfRange } from '../runtime.ts';
import type { Call } from './recording.ts';

/** The error that a kernel throws whose call of C gives such a status, as when it runs alone. */
export function failure(call: Call | undefined, status: number): unknown {
  const { name, inputs, attrs } = call?.kernel ?? { name: 'A kernel', inputs: {}, attrs: {} };
  if (status === outOfRange) return new Error(`${name}: an index is not in [0, ${Number(call?.arguments[2]) - 1}]`);
  try {
    check(status);
  } catch (error) {
    return explained(name, inputs, attrs, error);
  }
  return new Error(`${name} failed.`);
}
