import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { buildsFor } from '../../src/build/isa.ts';
import { install } from '../../src/install.ts';
import type { Library } from '../../src/library.ts';
import { type Loaded, load } from '../../src/load.ts';

/** Values with a shape and a type, without a backend. */
export type Plain = {
  readonly values: ArrayLike<number>;
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
};

/** A backend under test, one for each binary that this processor can run. */
export type Native = { readonly name: string; readonly library: Library };

/** Builds and registers a backend for every binary that this processor can run. */
export async function nativeBackends(): Promise<readonly Native[]> {
  const found: Native[] = [];
  for (const isa of buildsFor(process.arch)) {
    const loaded: Loaded | undefined = await load(isa).catch((error: Error) => {
      if (/STEPPE_ISA must be one of/.test(error.message)) return undefined;
      throw error;
    });
    if (!loaded) continue;
    const name = `native-${isa}`;
    if (!tf.findBackendFactory(name)) install(name, loaded.library);
    found.push({ name, library: loaded.library });
  }
  return found;
}

/** Runs one kernel on one backend. */
export type PlainInputs = Readonly<Record<string, Plain>> | readonly Plain[];

export function runKernel(backendName: string, kernelName: string, inputs: PlainInputs, attrs: object = {}): Plain[] {
  const backend = tf.findBackend(backendName);
  const infos = Object.entries(inputs).map(([name, { values, shape, dtype }]): [string, tf.TensorInfo] => {
    const typed =
      dtype === 'float32'
        ? Float32Array.from(values)
        : dtype === 'int32'
          ? Int32Array.from(values)
          : Uint8Array.from(values);
    return [name, { dataId: backend.write(typed, shape, dtype), shape, dtype }];
  });
  const { kernelFunc } = tf.getKernel(kernelName, backendName);
  const result = kernelFunc({
    inputs: (Array.isArray(inputs)
      ? infos.map(([, info]) => info)
      : Object.fromEntries(infos)) as tf.NamedTensorInfoMap,
    attrs: attrs as tf.NamedAttrMap,
    backend,
  });
  const outputs = (Array.isArray(result) ? result : [result]).map((info): Plain => {
    const values = Array.from(backend.readSync(info.dataId) as Float32Array);
    return { values, shape: info.shape, dtype: info.dtype as Plain['dtype'] };
  });
  for (const { dataId } of Array.isArray(result) ? result : [result]) backend.disposeData(dataId);
  for (const [, { dataId }] of infos) backend.disposeData(dataId);
  return outputs;
}

/** Expects a kernel to give what the JavaScript backend's gives, to a relative tolerance, on every native backend. */
export function expectLikeCpu(
  natives: readonly Native[],
  kernelName: string,
  inputs: PlainInputs,
  attrs: object = {},
  tolerance = 0,
): void {
  const expected = runKernel('cpu', kernelName, inputs, attrs);
  for (const { name } of natives) {
    const actual = runKernel(name, kernelName, inputs, attrs);
    expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
      expected.map(({ shape, dtype }) => ({ shape, dtype })),
    );
    actual.forEach(({ values }, i) => {
      expectClose(values, expected[i]?.values ?? [], tolerance, `${kernelName} on ${name}`);
    });
  }
}

/** Expects numbers to agree to a tolerance relative to the largest of them, and at least 1; NaN and infinity
 * exactly. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(actual.length, what).toBe(expected.length);
  const finite = Array.from(expected).filter(Number.isFinite);
  const scale = finite.reduce((top, value) => Math.max(top, Math.abs(value)), 1);
  for (let i = 0; i < expected.length; i++) {
    const want = expected[i] ?? Number.NaN;
    const got = actual[i] ?? Number.NaN;
    const same = Object.is(got, want) || got === want || Math.abs(got - want) <= tolerance * scale;
    if (!same) expect.fail(`${what}: at ${i} expected ${want}, got ${got}`);
  }
}
