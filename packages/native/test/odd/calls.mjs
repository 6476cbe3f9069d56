// Calls with odd arguments: every kernel in C, every input and attribute, and tfjs's own functions. It needs no test
// runner: choose a backend (`await tf.setBackend(...)`), then run each; a call throws or gives tensors, nothing else.
import * as tf from '@tensorflow/tfjs-core';
import { elementKernels } from './elements.mjs';
import { functionCalls } from './functions.mjs';
import { imageKernels } from './images.mjs';
import { endless } from './numbers.mjs';
import { pickKernels } from './picks.mjs';
import { shapeKernels } from './shapes.mjs';
import { strange, tensorOf } from './tensors.mjs';

/**
 * @typedef {object} OddCall
 * @property {string} name
 * @property {string} kernel
 * @property {boolean} refused
 * @property {boolean} ownOnly
 * @property {() => tf.Tensor | tf.Tensor[]} run
 */

/** Every kernel that is registered in C, with the options of its inputs and attributes. */
export const tables = [...elementKernels, ...shapeKernels, ...imageKernels, ...pickKernels];

/** Numbers from a seed, in [0, 1). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

const first = (options) => Object.fromEntries(Object.entries(options).map(([name, [legal]]) => [name, legal]));
const shown = (value) =>
  Array.isArray(value)
    ? `[${value.map(shown)}]`
    : typeof value === 'string'
      ? value
      : Object.is(value, -0)
        ? '-0'
        : String(value);
const written = (record) =>
  Object.entries(record)
    .map(([name, value]) => ` ${name}=${shown(value)}`)
    .join('');

/** One call of a kernel. `refused`: no backend may accept it, and those in JavaScript would loop or allocate for hours,
 * so only native is asked; `ownOnly`: a kernel that tfjs's own backends lack. */
export function kernelCall(
  { kernel, listed = false, ownOnly = false, sized, endlessWith, refusedWhen },
  inputs,
  attrs,
) {
  const given = Object.entries(inputs).filter(([, tensor]) => tensor !== undefined);
  return {
    name: `${kernel}${written(inputs)}${written(attrs)}`,
    kernel,
    refused:
      Object.entries(attrs).some(([name, value]) => (sized ?? [name]).includes(name) && endless(value)) ||
      refusedWhen?.(attrs) ||
      (endlessWith ?? []).some((name) => [attrs[name]].flat().some((number) => !(number > 0))),
    ownOnly,
    run: () => {
      const tensors = given.map(([name, tensor]) => [name, tensorOf(tensor)]);
      const passed = listed ? tensors.map(([, tensor]) => tensor) : Object.fromEntries(tensors);
      return tf.engine().runKernel(kernel, passed, { ...attrs });
    },
  };
}

/** The calls of one kernel: each input and attribute changed alone, whole cases, and `mixed` calls with all drawn. */
function* callsOf(table, mixed, next) {
  const { inputs, attrs, cases = [] } = table;
  const [legal, normal] = [first(inputs), first(attrs)];
  const widened = Object.fromEntries(
    Object.entries(inputs).map(([name, options]) => [
      name,
      [...new Set([...options, ...strange(options.find((each) => each) ?? 'f[2]')])],
    ]),
  );
  yield [legal, normal];
  for (const [name, options] of Object.entries(widened))
    for (const option of options) yield [{ ...legal, [name]: option }, normal];
  for (const [name, options] of Object.entries(attrs))
    for (const option of options) yield [legal, { ...normal, [name]: option }];
  for (const each of cases) yield [each.inputs ?? legal, { ...normal, ...each.attrs }];
  // Lists have no input of their own to vary: every list meets every attribute.
  if (table.listed)
    for (const each of cases)
      for (const [name, options] of Object.entries(attrs))
        for (const option of options) yield [each.inputs, { ...normal, [name]: option }];
  const draw = (options) => options[Math.floor(next() * options.length)];
  const drawn = (options, start) =>
    Object.fromEntries(Object.entries(options).map(([name, list]) => [name, next() < 0.5 ? start[name] : draw(list)]));
  const from = cases.filter((each) => each.inputs);
  for (let i = 0; i < mixed; i++)
    yield [table.listed && from.length > 0 ? draw(from).inputs : drawn(widened, legal), drawn(attrs, normal)];
}

/**
 * Every call once: those of the kernels, and those of tfjs's functions.
 *
 * @param {{ mixed?: number, seed?: number }} [options] - How many calls of each kernel draw all arguments; the seed.
 * @returns {Generator<OddCall>}
 */
export function* oddCalls({ mixed = 20, seed = 1 } = {}) {
  const next = random(seed);
  const seen = new Set();
  for (const table of tables) {
    for (const [inputs, attrs] of callsOf(table, mixed, next)) {
      const call = kernelCall(table, inputs, attrs);
      if (seen.has(call.name)) continue;
      seen.add(call.name);
      yield call;
    }
  }
  for (const [name, run] of Object.entries(functionCalls))
    yield { name: `tf: ${name}`, kernel: '', refused: /2 \*\* (?:31|53)|Infinity/.test(name), ownOnly: false, run };
}
