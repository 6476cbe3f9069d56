// What an odd call does on a backend, and whether two backends do the same.
import * as tf from '@tensorflow/tfjs-core';

/**
 * @typedef {{ shape: number[], dtype: string, values: any }} Plain
 * @typedef {{ tensors: Plain[], error?: undefined } | { tensors?: undefined, error: Error }} Outcome
 */

/**
 * What a call gives on the current backend, away from it: its tensors, or its error. Nothing of it is left there.
 *
 * @returns {Outcome}
 */
export function outcome({ run }) {
  const engine = tf.engine();
  engine.startScope();
  try {
    return { tensors: [run()].flat().map(plain) };
  } catch (error) {
    return { error: error instanceof Error ? error : Object.assign(new Error(), { message: `no Error: ${error}` }) };
  } finally {
    engine.endScope();
  }
}

function plain({ shape, dtype, dataId }) {
  const values = tf.backend().readSync(dataId);
  return { shape, dtype, values: dtype === 'string' ? values.map((bytes) => tf.util.decodeString(bytes)) : values };
}

/** Whether these are tensors at all: JavaScript kernels may give shapes of fractions, or too few values. */
function sound(tensors) {
  return tensors.every(({ shape, dtype, values }) => {
    if (!Array.from(shape).every((extent) => Number.isInteger(extent) && extent >= 0)) return false;
    const size = shape.reduce((product, extent) => product * extent, 1);
    return values.length === (dtype === 'complex64' ? 2 * size : size);
  });
}

/** What is wrong with an answer, where the CPU backend gave `reference`; undefined where nothing is. */
export function problemOf(reference, answer) {
  if (answer.error) return answer.error.message.startsWith('no Error') ? answer.error.message : undefined;
  if (!sound(answer.tensors)) return 'gave no tensor';
  if (reference?.error) return `the CPU backend refuses: ${reference.error.message}`;
  return reference && sound(reference.tensors) ? difference(reference.tensors, answer.tensors) : undefined;
}

/** Where the tensors of a call differ, in words; undefined where they do not. */
function difference(expected, actual) {
  if (expected.length !== actual.length) return `${expected.length} tensors, got ${actual.length}`;
  for (let t = 0; t < expected.length; t++) {
    const [want, got] = [expected[t], actual[t]];
    const [kind, other] = [want, got].map(({ dtype, shape }) => `${dtype}[${shape}]`);
    if (kind !== other) return `${kind}, got ${other}`;
    const scale = want.values.reduce(
      (top, value) => Math.max(top, Math.abs(value) < Infinity ? Math.abs(value) : 0),
      1,
    );
    const at = want.values.findIndex((value, i) => !close(value, got.values[i], scale));
    if (at >= 0) return `at ${at} ${want.values[at]}, got ${got.values[at]}`;
  }
  return undefined;
}

function close(want, got, scale) {
  return Object.is(want, got) || want === got || Math.abs(want - got) <= 1e-5 * scale;
}
