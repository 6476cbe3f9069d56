import {
  type Callback,
  type Captured,
  type CaptureOptions,
  type CapturingBackend,
  type PackingBackend,
  type PreciseBackend,
  type Precision,
  precisions,
} from '@steppe/kernels';
import {
  type BackendTimingInfo,
  type BackendValues,
  backend_util,
  buffer,
  type DataType,
  engine,
  KernelBackend,
  kernel_impls,
  type Tensor,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { oneOf } from './arguments/numbers.ts';
import { refuse } from './arguments/refusal.ts';
import { type Data, type Values, valuesOf } from './memory/data.ts';
import type { Pool } from './memory/pool.ts';
import { createStorage, type Storage } from './memory/storage.ts';

/** The tfjs backend `native`. tfjs wants a class; it only hands on to the storage. Beside tfjs's interface it offers
 * what the JavaScript backend's kernels ask of theirs (`data`, `makeTensorInfo`, `bufferSync`, ...), so that they run
 * on it. */
export class NativeBackend extends KernelBackend implements PreciseBackend, CapturingBackend, PackingBackend {
  readonly pool: Pool;
  readonly storage: Storage;
  readonly blockSize = 48;
  readonly data: { get(id: object): Data; has(id: object): boolean };

  private multiplies: Precision = 'highest';
  private floats: readonly Precision[];
  private readonly capturing: Required<CapturingBackend>;
  private readonly packing: PackingBackend;

  constructor(
    pool: Pool,
    capturing: Required<CapturingBackend>,
    packing: PackingBackend,
    inFloat32: readonly Precision[],
  ) {
    super();
    this.packing = packing;
    this.floats = inFloat32;
    this.pool = pool;
    this.capturing = capturing;
    this.storage = createStorage(this.pool, () => this);
    const { storage } = this;
    this.data = {
      get: (id) => {
        const data = storage.get(id);
        valuesOf(data);
        return data;
      },
      has: (id) => storage.find(id) !== undefined,
    };
  }

  /** How convolutions and matrix products multiply from now on. */
  get precision(): Precision {
    return this.multiplies;
  }

  set precision(precision: Precision) {
    this.multiplies = oneOf('precision', precision, precisions);
  }

  get inFloat32(): readonly Precision[] {
    return this.floats;
  }

  set inFloat32(names: readonly Precision[]) {
    if (!Array.isArray(names)) refuse('inFloat32', 'a list of precisions', names);
    this.floats = names.map((name) => oneOf('inFloat32', name, precisions));
  }

  capture<Args extends readonly unknown[], Result>(
    f: (...args: Args) => Result,
    options?: CaptureOptions,
  ): Captured<Args, Result> {
    return this.capturing.capture(f, options);
  }

  callback(callback: Callback): readonly Tensor[] | undefined {
    return this.capturing.callback(callback);
  }

  pack(tensors: readonly TensorInfo[], factor: number, floats: Float32Array): number {
    return this.packing.pack(tensors, factor, floats);
  }

  unpack(floats: Float32Array, shapes: readonly (readonly number[])[]): Tensor[] {
    return this.packing.unpack(floats, shapes);
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): object {
    return this.storage.write(values, shape, dtype);
  }

  override move(id: object, values: BackendValues, shape: number[], dtype: DataType, refCount: number): void {
    this.storage.adopt(id, values, shape, dtype, refCount);
  }

  /** A copy: the memory itself is taken again as soon as the tensor is disposed. */
  override readSync(id: object): BackendValues {
    const data = this.storage.get(id);
    if (data.complexTensorInfos) {
      const { real, imag } = data.complexTensorInfos;
      return backend_util.mergeRealAndImagArrays(
        this.readSync(real.dataId) as Float32Array,
        this.readSync(imag.dataId) as Float32Array,
      );
    }
    return valuesOf(data)?.slice() ?? new Float32Array(0);
  }

  override async read(id: object): Promise<BackendValues> {
    return this.readSync(id);
  }

  override refCount(id: object): number {
    return this.storage.find(id)?.refCount ?? 0;
  }

  override incRef(id: object): void {
    this.storage.get(id).refCount++;
  }

  override disposeData(id: object, force = false): boolean {
    return this.storage.dispose(id, force);
  }

  override numDataIds(): number {
    return this.storage.count();
  }

  override memory(): { unreliable: boolean; numBytesInPool: number; numBytesAllocated: number } {
    const { used, idle } = this.pool.usage();
    return { unreliable: false, numBytesInPool: idle, numBytesAllocated: used + idle };
  }

  override async time(run: () => void): Promise<BackendTimingInfo> {
    const start = util.now();
    run();
    return { kernelMs: util.now() - start };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {}

  makeTensorInfo(shape: number[], dtype: DataType, values?: BackendValues | string[]): TensorInfo {
    const encoded =
      dtype === 'string' && typeof values?.[0] === 'string'
        ? (values as string[]).map((text) => util.encodeString(text))
        : values;
    return { dataId: this.storage.write(encoded as BackendValues, shape, dtype), shape, dtype };
  }

  disposeIntermediateTensorInfo({ dataId }: TensorInfo): void {
    this.storage.dispose(dataId);
  }

  makeOutput(values: BackendValues, shape: number[], dtype: DataType): unknown {
    return engine().makeTensorFromTensorInfo(this.makeTensorInfo(shape, dtype, values), this);
  }

  bufferSync({ dataId, shape, dtype }: TensorInfo): unknown {
    const values = this.readSync(dataId);
    if (dtype !== 'string') return buffer(shape, dtype, values as Values);
    return buffer(shape, dtype, (values as Uint8Array[]).map((bytes) => util.decodeString(bytes)) as never);
  }

  where({ dataId, shape }: TensorInfo): unknown {
    return kernel_impls.whereImpl(shape, this.readSync(dataId) as Uint8Array);
  }
}
