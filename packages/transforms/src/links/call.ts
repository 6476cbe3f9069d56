/** The call that made something, as data: cheap to carry in a page, and text when somebody asks for it. */
export type Call = { readonly name: string; readonly args: readonly unknown[] };

/**
 * Gives a link its name, the call that makes it, for `textOf`, and the sign of one that does not turn gradients around:
 * spread it where the link is made.
 *
 * @param name - The function that makes the link.
 * @param args - What that was given; what was left out is left out.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { map } from '@steppe/tree';
 * import { stateless, textOf } from '@steppe/transforms';
 * import { call } from '@steppe/transforms/parts';
 *
 * const power = (q: number) => stateless((grads) => map(grads, (g) => tf.pow(g, q)), call('power', q));
 * console.log(textOf(power(3))); // => power(3)
 * ```
 */
export const call = (
  name: string,
  ...args: readonly unknown[]
): { readonly name: string; readonly made: Call; readonly sign: 1 } => ({ name, made: { name, args }, sign: 1 });
