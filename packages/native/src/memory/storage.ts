import { type BackendValues, type DataType, engine, type KernelBackend, type TensorInfo } from '@tensorflow/tfjs-core';
import { mostElements, Refusal, refuse } from '../arguments/refusal.ts';
import { bytesPerElement, type Data, isNumeric, type Values, valuesOf } from './data.ts';
import { type Block, type Filler, firstVirtual, type Pool } from './pool.ts';

/** The tensors of a backend. */
export type Storage = {
  /** An uninitialized tensor. */
  output(shape: number[], dtype: DataType): TensorInfo;
  /** A tensor of another shape over the same values. */
  alias(x: TensorInfo, shape: number[]): TensorInfo;
  /** A tensor with a copy of `values`. */
  write(values: BackendValues | null | undefined, shape: readonly number[], dtype: DataType): Data;
  /** Takes over an id, with its values, from another backend. */
  adopt(id: object, values: BackendValues, shape: readonly number[], dtype: DataType, refCount: number): void;
  /** The data behind an id; fetches them from another backend if they are there. */
  get(id: object): Data;
  /** The data behind an id, if they are here. */
  find(id: object): Data | undefined;
  /** Gives up one reference, or all; whether the data are gone now. */
  dispose(id: object, force?: boolean): boolean;
  count(): number;
  /** Runs `use`, and keeps the memory of what it disposes from being taken again until it is done: the JavaScript
   * backend's kernels go on reading values of tensors that they have disposed. */
  holding<Result>(use: () => Result): Result;
  /** Begins a kernel: what it makes is noted until `end` or `undo`. */
  begin(): void;
  end(): void;
  /** Notes how many references there are to an input. */
  note(input: Data): void;
  /** Gives up what the kernel has made and the references that it has taken, since it threw. */
  undo(): void;
  /** What was made while calls were recorded, and is there still, without values. */
  unfilled(): readonly Data[];
  /** Gives such data the values of a tensor. */
  fill(data: Data, from: TensorInfo): void;
};

/** Makes an empty storage over a pool. */
export function createStorage(pool: Pool, backend: () => KernelBackend): Storage {
  const adopted = new WeakMap<object, Data>();
  let count = 0;
  let held: Block[] | undefined;
  const noted: Data[] = [];
  const references: number[] = [];
  let recorded = 0;
  let recording = false;
  const virtual = new Set<Data>();

  const empty = (dtype: DataType, shape: readonly number[]): Data => {
    const size = elementsOf(shape);
    if (!dtypes.includes(dtype)) refuse('dtype', `one of ${dtypes.join(', ')}`, dtype);
    const data: Data = {
      live: true,
      dtype,
      size,
      address: 0,
      block: undefined,
      values: undefined,
      refCount: 1,
      complexTensorInfos: undefined,
    };
    count++;
    if (recording) record(data, 0);
    return data;
  };
  const allocate = (data: Data, filler: Filler = 'kernel'): Data => {
    const block = pool.take(data.size * bytesPerElement(data.dtype), filler);
    data.block = block;
    data.address = block.address;
    if (block.address >= firstVirtual) virtual.add(data);
    return data;
  };
  const fill = (data: Data, values: BackendValues | null | undefined, filler: Filler): Data => {
    if (data.dtype === 'complex64') {
      if (values)
        throw new Refusal('A complex64 tensor is made of its parts: tf.complex(real, imag), on this backend.');
      return data;
    }
    if (values && values.length !== data.size)
      throw new Refusal(`A tensor of ${data.size} elements was given ${values.length} values.`);
    if (!isNumeric(data.dtype)) {
      if (values) data.values = values as Uint8Array[];
      return data;
    }
    const to = valuesOf(allocate(data, filler)) as Values;
    if (values) to.set(values as Values);
    else to.fill(0);
    return data;
  };
  const find = (id: object): Data | undefined => {
    const own = id as Data;
    if (own.live === true) return own;
    const data = adopted.get(id);
    return data?.live ? data : undefined;
  };

  return {
    output: (shape, dtype) => ({ dataId: allocate(empty(dtype, shape)), shape, dtype }),
    alias: (x, shape) => {
      const data = get(x.dataId);
      if (elementsOf(shape) !== data.size) refuse('the shape', `of ${data.size} elements`, shape);
      data.refCount++;
      return { dataId: x.dataId, shape, dtype: x.dtype };
    },
    write: (values, shape, dtype) => fill(empty(dtype, shape), values, 'host'),
    adopt: (id, values, shape, dtype, refCount) => {
      const data = fill(empty(dtype, shape), values, 'move');
      data.refCount = refCount;
      if ('live' in id) Object.assign(id, data);
      else adopted.set(id, data);
    },
    get,
    find,
    dispose,
    count: () => count,
    holding: (use) => {
      if (held) return use();
      const blocks: Block[] = [];
      held = blocks;
      try {
        return use();
      } finally {
        held = undefined;
        for (const block of blocks) pool.give(block);
      }
    },
    begin: () => {
      recorded = 0;
      recording = true;
    },
    end: () => {
      recording = false;
    },
    note: (input) => record(input, input.refCount),
    undo: () => {
      for (let i = recorded - 1; i >= 0; i--) {
        const [data, before] = [noted[i] as Data, references[i] ?? 0];
        if (before === 0) dispose(data, true);
        else if (data.live) data.refCount = before;
      }
      recording = false;
    },
    unfilled: () => [...virtual],
    fill: (data, from) => {
      virtual.delete(data);
      const values = valuesOf(get(from.dataId)) as Values;
      (valuesOf(allocate(Object.assign(data, { values: undefined }))) as Values).set(values);
    },
  };

  function record(data: Data, before: number): void {
    noted[recorded] = data;
    references[recorded] = before;
    recorded++;
  }

  function get(id: object): Data {
    const own = id as Data;
    if (own.live === true) return own;
    const here = find(id);
    if (here) return here;
    // Else tfjs would fail on what it does not find, without saying why.
    if (!engine().state.tensorInfo.has(id)) throw new Error(disposed);
    engine().moveData(backend(), id);
    const moved = find(id);
    if (!moved) throw new Error(disposed);
    return moved;
  }

  function dispose(id: object, force = false): boolean {
    const data = find(id);
    if (!data) return true;
    data.refCount--;
    if (!force && data.refCount > 0) return false;
    if (data.complexTensorInfos) {
      dispose(data.complexTensorInfos.real.dataId, true);
      dispose(data.complexTensorInfos.imag.dataId, true);
    }
    if (data.block && held) held.push(data.block);
    else if (data.block) pool.give(data.block);
    if (data.address >= firstVirtual) virtual.delete(data);
    data.live = false;
    data.block = undefined;
    data.values = undefined;
    data.address = 0;
    data.complexTensorInfos = undefined;
    adopted.delete(id);
    count--;
    return true;
  }
}

const dtypes: readonly string[] = ['float32', 'int32', 'bool', 'string', 'complex64'];

const disposed = 'A tensor is used after it was disposed.';

/** The number of elements. @throws When the extents are no sizes. */
function elementsOf(shape: readonly number[]): number {
  let size = 1;
  for (const extent of shape) {
    if (!(Number.isInteger(extent) && extent >= 0 && extent <= mostElements)) return noShape(shape);
    size *= extent;
  }
  return size <= mostElements ? size : noShape(shape);
}

function noShape(shape: readonly number[]): never {
  return refuse('the shape of a tensor', `of whole numbers from 0, and of at most ${mostElements} elements`, [
    ...shape,
  ]);
}
