import { hostname } from 'node:os';
import { aNumber, checkNumber, checkOneOf, checkOptions, positive, refusal } from '@steppe/check';
import { refuseInRecording } from '@steppe/kernels';
import { type Joined, joined } from './joined.ts';
import { type Meeting, MOST_NUMBERS, meetings } from './meetings.ts';
import { checkBytes, connect, type Mpi, type Numbers, type Whole } from './mpi/connect.ts';
import { launchOf } from './mpi/launch.ts';
import { foldHeads, inPieces, PIECE, reduceInOrder } from './ordered.ts';

/** What all-reduce makes of the numbers of all ranks. */
export type Reduction = 'sum' | 'mean' | 'max';

/**
 * The processes that train together, as one of them sees it. Every rank calls the same members in the same order; each
 * call waits for the others.
 */
export type World = {
  /** Which of them this process is, from 0. */
  readonly rank: number;
  /** How many there are; 1 without MPI. */
  readonly size: number;
  /** Which of those on its machine this process is, from 0: the number of its device. */
  readonly localRank: number;
  /** How many run on its machine. */
  readonly localSize: number;
  /** Puts the sum, mean or maximum of all ranks' numbers in the place of `values`, which it returns: the same bits on all
   * ranks, added from left to right in their order. */
  allReduce<T extends Numbers>(values: T, reduction?: Reduction): T;
  /** Puts the values of the rank `root` in the place of everybody's, and returns them. */
  broadcast<T extends Whole>(values: T, root?: number): T;
  /** Gives every rank the bytes of all, in the order of ranks; they may differ in length. */
  allGather(bytes: Uint8Array): readonly Uint8Array[];
  /** Waits until all ranks are here. */
  barrier(): void;
  /** Ends the world: the last call of every rank. A rank that exits without it fails the job. */
  finalize(): void;
};

/** How a world waits. */
export type WorldOptions = {
  /** Seconds that a call waits for the others before it ends the process with 71. @defaultValue 120 */
  readonly limit?: number;
};

/** What is divided by the number of ranks. */
function divide(values: Numbers, size: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) / size;
}

function checkValues(name: string, values: unknown, ...kinds: readonly (new () => object)[]): void {
  if (kinds.some((kind) => values instanceof kind)) return;
  throw refusal(name, `a ${kinds.map((kind) => kind.name).join(', a ')}`, values);
}

function checkReduction(values: Numbers, reduction: Reduction): void {
  checkValues('values', values, Float32Array, Float64Array, Int32Array);
  checkOneOf('reduction', reduction, ['sum', 'mean', 'max']);
  if (reduction === 'mean' && values instanceof Int32Array)
    throw new Error('Integers have no mean: take their sum, or a Float64Array.');
}

const checkRoot = (root: number, size: number): void =>
  checkNumber('root', root, [`a rank from 0 to ${size - 1}`, (x) => Number.isInteger(x) && x >= 0 && x < size]);

const afterTheEnd = (call: string): Error =>
  new Error(`The world has ended, and ${call} comes after finalize(): make finalize() the last call.`);

/** The process that runs alone: everything is what it is, and what several refuse is refused. */
function aloneOf(): World {
  let isOver = false;
  const meet = (call: string): void => {
    if (isOver) throw afterTheEnd(call);
  };
  return {
    rank: 0,
    size: 1,
    localRank: 0,
    localSize: 1,
    allReduce(values, reduction = 'sum') {
      checkReduction(values, reduction);
      meet(`allReduce of ${values.constructor.name} by ${reduction}`);
      return values;
    },
    broadcast(values, root = 0) {
      checkValues('values', values, Float32Array, Float64Array, Int32Array, Uint8Array);
      checkRoot(root, 1);
      meet(`broadcast of ${values.constructor.name} from ${root}`);
      return values;
    },
    allGather(bytes) {
      checkValues('bytes', bytes, Uint8Array);
      meet('allGather');
      return [bytes.slice()];
    },
    barrier() {
      meet('barrier');
    },
    finalize() {
      meet('finalize');
      isOver = true;
    },
  };
}

/** The world of several processes, whose calls meet before anything is sent. */
function worldOf(
  mpi: Mpi,
  { meet: meetThere, wait }: Meeting,
): Omit<World, 'localRank' | 'localSize'> & { readonly [joined]: Joined } {
  const { rank, size } = mpi;
  const meet: Meeting['meet'] = (call, ...about) => {
    if (ended) throw afterTheEnd(call);
    refuseInRecording(`the ranks meet for ${call}, which only a callback can do again (ioCallback of @steppe/kernels)`);
    return meetThere(call, ...about);
  };
  const allGather: World['allGather'] = (bytes) => {
    checkValues('bytes', bytes, Uint8Array);
    const head = new Float64Array(MOST_NUMBERS);
    // A few bytes travel with their number.
    const own = bytes.byteLength;
    const room = 8 * (MOST_NUMBERS - 1);
    head[0] = own;
    if (own <= room) new Uint8Array(head.buffer, 8).set(bytes);
    const heads = meet('allGather', 0, head);
    const lengths = heads.map(([length = 0]) => length);
    const longest = Math.max(...lengths);
    if (longest <= room) return heads.map(({ buffer }, i) => new Uint8Array(buffer.slice(8, 8 + (lengths[i] ?? 0))));
    checkBytes(longest);
    const [send, all] = [longest, longest * size].map((length) => new Uint8Array(new ArrayBuffer(length))) as [
      Uint8Array,
      Uint8Array,
    ];
    send.set(bytes);
    mpi.allGather(send, all, wait(`Gathering ${own} bytes`));
    return lengths.map((length, i) => all.slice(i * longest, i * longest + length));
  };
  return {
    rank,
    size,
    allReduce(values, reduction = 'sum') {
      checkReduction(values, reduction);
      const call = `allReduce of ${values.constructor.name} by ${reduction}`;
      const operation = reduction === 'max' ? 'max' : 'sum';
      if (values.byteLength <= 8 * MOST_NUMBERS) {
        // A few numbers travel with the meeting.
        const head = new Float64Array(MOST_NUMBERS);
        new Uint8Array(head.buffer).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
        foldHeads(mpi, values, meet(call, values.length, head), operation);
      } else {
        meet(call, values.length);
        reduceInOrder(mpi, values, operation, wait(`All-reduce of ${values.byteLength} bytes`));
      }
      if (reduction === 'mean') divide(values, size);
      return values;
    },
    broadcast(values, root = 0) {
      checkValues('values', values, Float32Array, Float64Array, Int32Array, Uint8Array);
      checkRoot(root, size);
      meet(`broadcast of ${values.constructor.name} from ${root}`, values.length);
      const own = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      const told = wait(`Broadcast of ${values.byteLength} bytes`);
      inPieces(own, PIECE, (piece) => {
        const whole = new Uint8Array(new ArrayBuffer(piece.length));
        whole.set(piece);
        mpi.broadcast(whole, root, told);
        piece.set(whole);
      });
      return values;
    },
    allGather,
    [joined]: {
      meet: (call, numbers) => meet(call, 0, numbers),
      add: (values) => reduceInOrder(mpi, values, 'sum', wait(`All-reduce of ${values.byteLength} bytes`)),
    },
    barrier() {
      meet('barrier', 0);
    },
    finalize() {
      meet('finalize', 0);
      mpi.finalize(wait('The end of all ranks'));
      begun = undefined;
      ended = true;
    },
  };
}

const text = new TextEncoder();

/** The processes that are joined already: MPI begins once, and ends once. */
let begun: Mpi | undefined;
let ended = false;

/**
 * Finds the processes that were started together by `mpirun` or `srun`, and joins them; a process that was started by
 * neither is a world of one, for which nothing must be installed.
 *
 * It loads the library of the make of MPI that started it, OpenMPI or MPICH; `STEPPE_MPI` names another file. A call
 * whose peers do not come in time ends the process with exit code 71 and a sentence, so that no fault leaves a job
 * hanging. Calls that do not fit each other, such as sums of different lengths, throw on all ranks.
 *
 * @throws When MPI started the process and its library is not found, with the command that installs it, or is of
 * another make; when `srun` started it without MPI; when the limit is no positive number.
 *
 * @example
 * ```ts
 * import { world } from '@steppe/distributed';
 *
 * const workers = world(); // mpirun -n 4 node train.mjs makes four of them
 * const losses = workers.allReduce(new Float32Array([0.5]), 'mean');
 * if (workers.rank === 0) console.log(workers.size, losses[0]); // => 1 0.5
 * workers.finalize();
 * ```
 */
export function world(options: WorldOptions = {}): World {
  checkOptions('world', options, { limit: aNumber(positive) });
  const launch = launchOf(process.env);
  if (launch === undefined || launch.size === 1) return aloneOf();
  const { limit = 120 } = options;
  begun ??= connect(launch, limit);
  const mpi = begun;
  const made = worldOf(mpi, meetings(mpi, limit));
  const hosts = made.allGather(text.encode(hostname())).map(String);
  const here = hosts.flatMap((host, rank) => (host === hosts[mpi.rank] ? [rank] : []));
  return { ...made, localRank: here.indexOf(mpi.rank), localSize: here.length };
}
