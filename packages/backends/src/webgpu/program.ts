import { type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';

/** A number that a program is told when it runs, by its name in `uniforms`. */
export type Uniform = readonly [name: string, type: 'i32' | 'f32', value: number];

/** What runs programs: tfjs's WebGPU backend. */
export type ProgramRunner = {
  runWebGPUProgram(
    program: object,
    inputs: readonly TensorInfo[],
    dtype: DataType,
    uniforms: readonly { readonly type: 'int32' | 'float32'; readonly data: readonly number[] }[],
  ): TensorInfo;
};

/** A compute shader over flat arrays: one thread for each entry of its output, or one workgroup. */
export type Program = {
  /** Tells its code apart from that of others. */
  readonly key: string;
  /** Its arrays, `A`, `B`, ...: of `f32`, or of `i32` where a tensor of floats was cast from whole numbers, too. */
  readonly inputs: readonly TensorInfo[];
  readonly shape: readonly number[];
  readonly dtype: DataType;
  readonly uniforms?: readonly Uniform[];
  /** Functions that the code calls. */
  readonly functions?: string;
  /** Gives `value`, of the type of the output, for the entry `index`. */
  readonly code: string;
  /** How many workgroups of 64 threads share the work, where each thread gives other than one entry: `group` and `lane`
   * tell them apart, and the code writes to `result` itself. */
  readonly groups?: number;
};

const letters = ['A', 'B', 'C', 'D', 'E', 'F'];

/** The type that holds a tensor's entries on the device. */
export const typeOf = (dtype: DataType): 'f32' | 'i32' => (dtype === 'float32' ? 'f32' : 'i32');

/** Runs a program of our own; shapes of any rank are flat in it. */
export function runProgram(backend: ProgramRunner, program: Program): TensorInfo {
  const { key, inputs, shape, dtype, uniforms = [], functions = '', code, groups } = program;
  const size = util.sizeFromShape([...shape]);
  const body =
    groups === undefined
      ? `let index = at; if (index < uniforms.size) { var value = ${typeOf(dtype)}(0); ${code} result[index] = value; }`
      : `let group = at / 64; let lane = at % 64; ${code}`;
  const out = backend.runWebGPUProgram(
    {
      variableNames: letters.slice(0, inputs.length),
      outputShape: [size],
      dispatchLayout: { x: [0] },
      dispatch: [groups ?? Math.ceil(size / 64), 1, 1],
      workgroupSize: [64, 1, 1],
      size: true,
      uniforms: uniforms.map(([name, type]) => `${name} : ${type}, `).join(''),
      shaderKey: `steppe_${key}`,
      getUserCode: () => `${functions} fn main(at : i32) { ${body} }`,
    },
    inputs.map(({ dataId, dtype: type, shape: own }) => ({ dataId, dtype: type, shape: [util.sizeFromShape(own)] })),
    dtype,
    uniforms.map(([, type, value]) => ({ type: type === 'i32' ? 'int32' : 'float32', data: [value] })),
  );
  return { ...out, shape: [...shape] };
}
