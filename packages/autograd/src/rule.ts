import {
  broadcast_util,
  engine,
  type GradConfig,
  type NamedAttrMap,
  type NamedTensorMap,
  reshape,
  sum,
  type Tensor,
  util,
} from '@tensorflow/tfjs-core';

/** Runs a kernel of one output by its name, as gradient rules do for those that no function of tfjs runs. */
export function kernel(name: string, inputs: NamedTensorMap, attrs: object): Tensor {
  return engine().runKernel(name, inputs, attrs as NamedAttrMap) as Tensor;
}

/** What a rule saved: the inputs that it names, then the outputs that it asks for. */
type Saved = [Tensor, Tensor, Tensor, Tensor];

/** The gradient rule of a kernel with one output, in the form that tfjs registers. */
export const rule = <Attrs = NamedAttrMap>(
  kernelName: string,
  inputsToSave: string[],
  gradFunc: (dy: Tensor, saved: Saved, attrs: Attrs) => { [input: string]: () => Tensor },
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
