import { checkRecord, shown } from '@steppe/check';
import { Tensor } from '@tensorflow/tfjs-core';

/** Refuses what is no tensor of one number, such as a list, of which only the first number would be read. */
export function checkScalar(name: string, value: unknown): void {
  if (!(value instanceof Tensor)) throw new Error(`${name} must be a scalar, got ${shown(value)}.`);
  if (value.isDisposed) throw new Error(`${name} is already freed: read it before that.`);
  if (value.size !== 1)
    throw new Error(`${name} must be a scalar, got shape [${value.shape}]: give a scalar mean, such as tf.mean(x).`);
  if (value.dtype === 'string' || value.dtype === 'complex64')
    throw new Error(`${name} must be a scalar number, got ${value.dtype}.`);
}

/** Refuses what is no step's report, of scalars or as `readReport` reads it. */
export function checkReport(value: unknown, parts: readonly string[]): void {
  checkRecord("A step's report", value);
  for (const part of parts) checkRecord(`The ${part} of a step's report`, Object(value)[part]);
}

/** Refuses what is no record of scalars; `kind` is what the message calls one of them. */
export function checkScalars(kind: string, scalars: unknown): void {
  if (typeof scalars !== 'object' || scalars === null || Array.isArray(scalars) || scalars instanceof Tensor)
    throw new Error(
      `Name each ${kind}, as in { loss: tf.mean(x) }: got ${scalars instanceof Tensor ? 'a tensor' : shown(scalars)}.`,
    );
  for (const [name, value] of Object.entries(scalars))
    if (typeof value !== 'number') checkScalar(`The ${kind} "${name}"`, value);
}
