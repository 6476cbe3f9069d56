import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

/** A call as somebody means it: the function and arguments that it takes, made anew each time. */
export type Meant = {
  readonly name: string;
  readonly call: (...args: never[]) => unknown;
  readonly args: () => readonly unknown[];
};

/** What somebody passes by mistake. */
const odd = [undefined, null, 0, -1, 1.5, Number.NaN, 'text', true, [], [null], {}, () => null] as const;

/** A value with one thing in it changed, by where: itself, or an entry of a record or list of options. */
function* changed(
  value: unknown,
  path: string,
  depth = 2,
): Generator<readonly [path: string, value: unknown, other: unknown]> {
  for (const other of odd) yield [path, other, other];
  if (depth === 0 || !(value instanceof Object)) return;
  // Records that hold functions, such as optimizers, are one thing.
  const plain = [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value));
  if (!plain || Object.values(value).some((entry) => typeof entry === 'function')) return;
  for (const [key, entry] of Object.entries(value as object))
    for (const [inner, made, other] of changed(entry, key, depth - 1))
      yield [
        `${path}.${inner}`,
        Array.isArray(value) ? value.with(Number(key), made) : { ...value, [key]: made },
        other,
      ];
}

/** Frees the tensors in lists and records; what holds them as its own, such as a model, keeps them. */
function free(value: unknown): void {
  if (value instanceof tf.Tensor) value.dispose();
  else if (value instanceof Object && [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value)))
    for (const entry of Object.values(value)) free(entry);
}

/** What is no message for a user: the engine's own words, a line that is none, or no error. */
const raw =
  /cannot (read|destructure|convert|set|use)|is not (a function|iterable|a constructor|defined)|\[object|reading '|\n|maximum call stack/i;

const isRaw = (message: string): boolean => raw.test(message) || /(?<!got )\bundefined\b|^Invalid /.test(message);

const textOf = (value: unknown): string =>
  Array.isArray(value)
    ? `[${value.map(textOf)}]`
    : value instanceof tf.Tensor
      ? `tensor[${value.shape}]`
      : typeof value === 'function'
        ? 'f'
        : Object(value) === value
          ? `{${Object.entries(value as object).map(([key, entry]) => `${key}: ${textOf(entry)}`)}}`
          : (JSON.stringify(value) ?? String(value));

/**
 * Calls a function with one argument odd, or one entry of one, and says what comes of it that should not: a message that
 * is not in a user's words, tensors that are left, or nothing at all where a promise is refused.
 */
export async function oddFaults({ name, call, args }: Meant): Promise<readonly string[]> {
  const faults: string[] = [];
  const meant = args();
  const places = meant.flatMap((value, i) => [...changed(value, `${i}`)].map(([path], n) => ({ i, n, path })));
  free(meant);
  for (const { i, n, path } of places) {
    const whole = args();
    const [, value, other] = [...changed(whole[i], `${i}`)][n] as readonly [string, unknown, unknown];
    const given = whole.with(i, value);
    const before = tf.memory().numTensors;
    let fault = '';
    try {
      free(await (call as (...all: unknown[]) => unknown)(...given));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!(error instanceof Error) || isRaw(message)) fault = message.split('\n').slice(0, 2).join(' | ');
    }
    const left = tf.memory().numTensors - before;
    if (left !== 0) fault = `${fault} ${left} tensors left`;
    if (fault !== '') faults.push(`${name} at ${path}, ${textOf(other).slice(0, 60)}: ${fault.trim()}`);
    free([whole, given]);
  }
  return faults;
}

/** Tests every function among the exports of a package with odd arguments; `args` has those that each takes, by name. */
export function testOddCalls(exported: object, args: { readonly [name: string]: Meant['args'] }): void {
  const functions = Object.entries(exported).filter(([, value]) => typeof value === 'function');

  test('each function is tried with odd arguments', () => {
    expect(functions.map(([name]) => name).sort()).toEqual(Object.keys(args).sort());
  });

  test.each(functions)('%s works or says in one line what it needs', async (name, call) => {
    expect(await oddFaults({ name, call, args: args[name] as Meant['args'] })).toEqual([]);
  });
}
