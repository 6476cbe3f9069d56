import { scaled, type Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Report, Select } from '../contract.ts';
import { merge, only } from '../links/select.ts';
import type { Ball } from './ball.ts';
import { oneIfFinite } from './exact.ts';

/** A ball over the leaves of one group. */
type Factor = { readonly name: string; readonly select: Select; readonly ball: Ball };

/** The entries of a group's report, as `rho.head`. */
const named = (report: Report, name: string): Report =>
  Object.fromEntries(Object.entries(report).map(([entry, value]) => [`${entry}.${name}`, value]));

/** The product of some balls: z is in it when each group's part is in its own, so each part is found on its own. */
export function productOfBalls(factors: readonly Factor[]): Ball {
  const reportOf = (f: (factor: Factor) => Report): Report =>
    Object.assign({}, ...factors.map((factor) => named(f(factor), factor.name)));
  const inEach = <P extends Tree>(whole: P, f: (ball: Ball, part: (tree: P) => P) => P): P =>
    factors.reduce(
      (joined, { select, ball }) =>
        merge(
          joined,
          f(ball, (tree) => only(tree, select)),
        ),
      whole,
    );
  return {
    ascend(g) {
      const found = factors.map(({ select, ball }) => ball.ascend(only(g, select)));
      return {
        // What is not finite in one group leaves no other with a direction.
        epsilon: scaled(
          found.reduce((joined, { epsilon }) => merge(joined, epsilon), g),
          oneIfFinite(g),
        ),
        rise: found.map(({ rise }) => rise).reduce((sum, rise) => tf.add<Scalar>(sum, rise)),
        report: Object.assign({}, ...found.map(({ report }, i) => named(report, factors[i]?.name ?? ''))),
      };
    },
    climb: (z, g) => inEach(z, (ball, part) => ball.climb(part(z), part(g))),
    turn: (g, x) => inEach(g, (ball, part) => ball.turn(part(g), part(x))),
    turns: factors.some(({ ball }) => ball.turns),
    measure: (entry, z) => reportOf(({ select, ball }) => ball.measure(entry, only(z, select))),
  };
}
