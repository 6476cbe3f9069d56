import { Softmax, SoftmaxGrad } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs-core';
import { engine, type GradConfig, type SoftmaxAttrs, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { axisOf } from '../arguments/axes.ts';
import { floats, shaped } from '../arguments/tensors.ts';
import { sizeOf } from '../memory/data.ts';
import { check, type Kernel, kernel, type Runtime } from '../runtime.ts';

/** Softmax of the last dimension under tfjs's name and under ours, which has a kernel for its gradient. */
export function softmaxKernels({ library, storage }: Runtime): Kernel[] {
  const address = (t: TensorInfo): number => storage.get(t.dataId).address;
  const rowsOf = ({ shape }: TensorInfo): readonly [rows: number, classes: number] => {
    const classes = shape.at(-1) ?? 1;
    return [classes === 0 ? 0 : sizeOf(shape) / classes, classes];
  };
  const softmax = (x: TensorInfo): TensorInfo => {
    const y = storage.output(x.shape, 'float32');
    check(library.steppe_softmax(address(x), address(y), ...rowsOf(x)));
    return y;
  };
  return [
    kernel<'logits', SoftmaxAttrs>('Softmax', ({ logits }, { dim }) => {
      const axis = axisOf(dim, logits.shape.length, 'dim');
      if (logits.dtype !== 'float32' || !logits.shape.at(-1) || axis !== logits.shape.length - 1) return undefined;
      return softmax(logits);
    }),
    kernel<'x'>(Softmax, ({ x }) => {
      floats('x', x);
      return softmax(x);
    }),
    kernel<'dy' | 'y'>(SoftmaxGrad, ({ dy, y }) => {
      floats('y', y);
      floats('dy', dy);
      shaped('dy', dy, y.shape);
      const dx = storage.output(y.shape, 'float32');
      check(library.steppe_softmax_grad(address(y), address(dy), address(dx), ...rowsOf(y)));
      return dx;
    }),
  ];
}

/** The gradient by its own kernel, or, where an outer tape records it and must see through it, by basic operations. */
export const softmaxGradient: GradConfig = {
  kernelName: Softmax,
  outputsToSave: [true],
  gradFunc: (dys, saved) => {
    const [dy, y] = [dys as Tensor, saved[0] as Tensor];
    const composed = (): Tensor => tf.mul(y, tf.sub(dy, tf.sum(tf.mul(dy, y), -1, true)));
    return {
      x: engine().state.gradientDepth > 0 ? composed : () => engine().runKernel(SoftmaxGrad, { dy, y }) as Tensor,
    };
  },
};
