import { type Check, checkRecord, refusal } from '@steppe/check';
import * as tf from '@tensorflow/tfjs-core';

const isTensor = (value: unknown): boolean => value instanceof tf.Tensor;

/** Whether it is a dataset of `tf.data`. */
const isDataset = (value: unknown): boolean => typeof Object(value).iterator === 'function';

/** Refuses what is no tensor, and no list or record of them. */
export const checkTensors: Check = (name, value) => {
  if (isDataset(value))
    throw refusal(name, 'a tensor, or a list or record of them', value, 'train on a dataset by fitDataset');
  const inside = isTensor(value) ? [value] : Object.values(Object(value));
  const found = typeof value === 'object' && inside.length > 0 ? inside.find((each) => !isTensor(each)) : value;
  if (found !== undefined || inside.length === 0 || inside.includes(undefined))
    throw refusal(name, 'a tensor, or a list or record of them', found === value ? value : found);
};

/** Refuses what is no dataset of `tf.data`. */
export const checkDataset: Check = (name, value) => {
  if (!isDataset(value))
    throw refusal(name, 'a dataset of tf.data', value, isTensor(value) ? 'train on tensors by fit' : '');
};

/** Refuses what is no pair of inputs and targets, and no dataset where that is allowed. */
export const checkValidation =
  (datasets: boolean): Check =>
  (name, value) => {
    if (datasets && isDataset(value)) return;
    if (!Array.isArray(value) || value.length < 2 || value.length > 3)
      throw refusal(name, `[inputs, targets]${datasets ? ' or a dataset of tf.data' : ''}`, value);
    for (const [i, each] of value.entries()) checkTensors(`${name}[${i}]`, each);
  };

/** Refuses what names no loss or metric: texts and functions, in lists or records. */
export const checkNamed: Check = (name, value) => {
  if (typeof value === 'string' || typeof value === 'function') return;
  const entries = Object.entries(Object(value));
  if (entries.length === 0) throw refusal(name, 'a name or a function, or a list of them', value);
  for (const [key, each] of entries) checkNamed(`${name}.${key}`, each);
};

/** Refuses what is no list of so many tensors. */
export function checkList(name: string, value: unknown, count: number): void {
  if (!Array.isArray(value) || value.length !== count || !value.every(isTensor))
    throw refusal(name, `a list of ${count} tensor${count === 1 ? '' : 's'}`, value);
}

/** Refuses what is no batch for a model. */
export function checkBatch(batch: unknown, part: 'xs' | 'ys', count: number): void {
  checkRecord('The batch', batch);
  checkList(part, Reflect.get(batch, part), count);
}
