import {
  broadcast_util,
  clone,
  engine,
  type GradConfig,
  getGradient,
  keep,
  type NamedAttrMap,
  type NamedTensorMap,
  reshape,
  sum,
  type Tensor,
  util,
  zeros,
} from '@tensorflow/tfjs-core';

/** Runs a kernel of one output by its name, as gradient rules do for those that no function of tfjs runs. */
export function kernel(name: string, inputs: NamedTensorMap, attrs: object): Tensor {
  return engine().runKernel(name, inputs, attrs as NamedAttrMap) as Tensor;
}

/** Computes one gradient of a rule. */
export type Pullback = (() => Tensor) & {
  /** Records it as if it were computed, for a sweep whose numbers nobody looks at, only their derivatives. */
  readonly recorded?: () => Tensor;
};

/** Records a kernel of one output as if it had run, with zeros for what it would give: the tape is the same, and nothing
 * is computed. */
export function record(kernelName: string, inputs: NamedTensorMap, attrs: object, shape: number[]): Tensor {
  const { state } = engine();
  const saved = Object.values(inputs).map((input) => keep(clone(input)));
  const { gradFunc } = getGradient(kernelName);
  const output = zeros(shape);
  state.activeTape.push({
    id: state.nextTapeNodeId++,
    kernelName,
    inputs,
    outputs: [output],
    saved,
    gradient: ([dy]) => gradFunc(dy as Tensor, saved, attrs as NamedAttrMap),
  });
  return output;
}

/** What a rule saved: the inputs that it names, then the outputs that it asks for. */
type Saved = [Tensor, Tensor, Tensor, Tensor];

/** The gradient rule of a kernel with one output, in the form that tfjs registers. */
export const rule = <Attrs = NamedAttrMap>(
  kernelName: string,
  inputsToSave: string[],
  gradFunc: (dy: Tensor, saved: Saved, attrs: Attrs) => { [input: string]: Pullback },
): GradConfig => ({
  kernelName,
  inputsToSave,
  gradFunc: (dy, saved, attrs) => gradFunc(dy as Tensor, saved as Saved, attrs as Attrs),
});

/** The gradient for an input that was broadcast: summed over the axes that it does not have. */
export function ofShape(dx: Tensor, shape: number[]): Tensor {
  if (util.arraysEqual(dx.shape, shape)) return dx;
  return reshape(sum(dx, broadcast_util.getReductionAxes(shape, dx.shape)), shape);
}
