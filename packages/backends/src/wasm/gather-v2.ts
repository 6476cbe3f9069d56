import { backend_util, GatherV2, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { addressOf } from './heap.ts';
import { type WasmKernel, wrappedKernel } from './kernel.ts';

/**
 * Picks slices along an axis by index, for each entry of the batch axes by indices of its own: `GatherV2`.
 *
 * The stock kernel reads beyond the indices where there are batch axes.
 */
export const gatherV2: WasmKernel = wrappedKernel<
  { x: TensorInfo; indices: TensorInfo },
  { readonly axis: number; readonly batchDims: number }
>(GatherV2, (rest) => (backend, { x, indices }, { axis, batchDims }) => {
  if (x.dtype === 'string') return rest();
  const [along = 0] = util.parseAxisParam(axis, x.shape);
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } = backend_util.segment_util.collectGatherOpShapeInfo(
    x as Tensor,
    indices as Tensor,
    along,
    batchDims,
  );
  const ids = backend.typedArrayFromHeap(indices);
  const wrong = ids.find((index) => !(index >= 0 && index < dimSize));
  if (wrong !== undefined) throw new Error(`GatherV2: the index value ${wrong} is not in [0, ${dimSize - 1}].`);
  const out = backend.makeOutput(outputShape, x.dtype);
  if (util.sizeFromShape(outputShape) === 0) return out;
  const bytes = sliceSize * util.bytesPerElement(x.dtype);
  const { HEAPU8, HEAP32 } = backend.wasm;
  const count = util.sizeFromShape(indices.shape) / batchSize;
  const first = addressOf(backend, indices) >>> 2;
  const from = addressOf(backend, x);
  let to = addressOf(backend, out);
  for (let batch = 0; batch < batchSize; batch++)
    for (let outer = 0; outer < outerSize; outer++)
      for (let i = 0; i < count; i++, to += bytes) {
        const slice = (batch * outerSize + outer) * dimSize + (HEAP32[first + batch * count + i] as number);
        HEAPU8.copyWithin(to, from + slice * bytes, from + (slice + 1) * bytes);
      }
  return out;
});
