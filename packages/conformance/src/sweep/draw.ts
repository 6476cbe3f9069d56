import { foldIn, key } from '@steppe/random';
import { ops } from './ops/index.ts';
import type { Op } from './ops/op.ts';
import { type Call, numbersOf } from './program.ts';
import { type Mood, stream } from './stream.ts';

/** A random program. */
export type Program = Call & {
  readonly name: string;
  readonly op: Op;
  /** Which one of its operation's it is. */
  readonly number: number;
  readonly gradient: boolean;
};

/** The program of a number: the same for ever, whichever others are drawn. */
export function draw(seed: number, name: string, number: number, gradient: boolean): Program {
  const op = ops[name] as Op;
  const mood: Mood = gradient ? 'smooth' : 'special';
  const own = foldIn(
    [...name].reduce((own, letter) => foldIn(own, letter.charCodeAt(0)), key(seed)),
    number,
  );
  for (let attempt = 0; attempt < 100; attempt++) {
    const args = op.draw(stream(foldIn(own, attempt), mood));
    if (args && !(gradient && numbersOf(args).every(({ dtype }) => dtype !== 'float32')))
      return { name, op, number, gradient, call: op.call ?? name, args };
  }
  throw new Error(`No program of ${name} is legal: number ${number} of seed ${seed}.`);
}
