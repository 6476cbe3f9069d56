import { writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { type Argument, handlesOf } from './abi.ts';
import type { Launch } from './launch.ts';
import { leave } from './leave.ts';
import { libc, loadKoffi, loadLibrary, PEER_LOST } from './load.ts';
import { within } from './within.ts';

/** Numbers that MPI adds and compares. */
export type Numbers = Float32Array | Float64Array | Int32Array;

/** An array over the whole of a buffer of its own, whose memory stays where it is. */
export type Whole = Numbers | Uint8Array;

/** How long a call waits for the other ranks, and what it says of itself when they do not come. */
export type Wait = { readonly seconds: number; readonly what: string };

/** The calls of MPI that we need, each with a time limit, after which the process ends. */
export type Mpi = {
  readonly rank: number;
  readonly size: number;
  /** Gives every rank the `send` of all, in the order of ranks. */
  allGather(send: Whole, receive: Whole, wait: Wait): void;
  /** Gives rank r the r-th part of every rank's `send`, in the order of ranks. */
  allToAll(send: Whole, receive: Whole, wait: Wait): void;
  broadcast(values: Whole, root: number, wait: Wait): void;
  /** Makes part 0 of `parts` the sum or the maximum of all `count` parts, from left to right. */
  fold(parts: Numbers, count: number, operation: 'sum' | 'max'): void;
  barrier(wait: Wait): void;
  /** Leaves MPI, where all others have come to the same. */
  finalize(wait: Wait): void;
};

/** Whether this process has left its world. */
let hasEnded = false;

/** Milliseconds of waiting in which the answer is asked for without a pause. */
const PATIENT = 5;

/** The most milliseconds of waiting that are counted from one question to the next; without a stop there are few. */
const MOST_AT_ONCE = 1000;

const typeOf = (values: Numbers) =>
  values instanceof Float32Array ? 'float' : values instanceof Float64Array ? 'double' : 'int';

/** The most bytes that one call of MPI counts. */
const MOST = 2 ** 31 - 1;

/** Refuses what is too much for one call. */
export function checkBytes(bytes: number): void {
  if (bytes > MOST) throw new Error(`MPI sends 2 GiB at once at most, got ${bytes} bytes: send them in parts.`);
}

/** The maximum in the place of part 0; NaN where a part has NaN, which MPI's own maximum may lose. */
function foldMax(parts: Numbers, length: number): void {
  for (let i = length; i < parts.length; i++) {
    const at = i % length;
    parts[at] = Math.max(parts[at] as number, parts[i] as number);
  }
}

/**
 * Joins the processes that were started together.
 *
 * Every call that waits for others is one that returns at once, and is asked for its end until the limit: so a lost or
 * stuck peer never blocks the process, also inside a synchronous step of TensorFlow.js, and no thread is needed.
 *
 * @param limit - Seconds that MPI waits for the others at its begin, before the process ends.
 * @throws When there is no library, or it is not of the make that started the processes: each would be alone.
 */
export function connect({ make, size: started, rank: own }: Launch, limit: number): Mpi {
  const koffi = loadKoffi();
  const { library, file } = loadLibrary(koffi, make, process.env.STEPPE_MPI);
  const handles = handlesOf(library);
  const { type, world } = handles;
  const system = libc(koffi);
  const yieldProcessor = system.func('sched_yield', 'int', []);
  const sleep = system.func('usleep', 'int', ['uint32_t']);
  const exitNow = system.func('_exit', 'void', ['int']);
  const letters: Readonly<Record<string, string>> = { h: type, i: 'int', p: 'uint64_t' };
  const of = (name: string, signature: string): ((...args: readonly Argument[]) => number) =>
    library.func(
      `MPI_${name}`,
      'int',
      [...signature].map((letter) => letters[letter] ?? letter),
    );
  const address = (values: ArrayBufferView): number => Number(koffi.address(values));

  // What MPI writes to, an int and a request: of one buffer, which the int keeps alive.
  const result = new Int32Array(new ArrayBuffer(64));
  const resultAt = address(result);
  const requestAt = resultAt + 32;
  // What MPI reads and writes while a call is under way: nothing else need hold it, and it must not be collected.
  const held = new Set<Whole>();
  const initialize = of('Init_thread', 'ppip');
  const has = (name: string): boolean => {
    of(name, 'p')(resultAt);
    return result[0] !== 0;
  };
  if (has('Initialized'))
    throw new Error(
      hasEnded || has('Finalized')
        ? 'MPI has ended in this process, and begins once: call finalize() at the very end.'
        : 'MPI has begun in this process already, in another thread or by another copy of @steppe/distributed: call world() in one thread.',
    );
  const begun = `The start of ${started ?? 'all'} ranks not finished after ${limit} s on rank ${own ?? '?'} (${hostname()}): a peer has not come to world(), or cannot be reached.`;
  within(limit, begun, () => initialize(0, 0, 0, resultAt));
  const number = (name: string): number => {
    of(name, 'hp')(world, resultAt);
    return result[0] ?? 0;
  };
  const [rank, size] = [number('Comm_rank'), number('Comm_size')];
  // OpenMPI fails the job of a rank that leaves so, and MPICH at times does not.
  process.once('exit', (code) => {
    if (hasEnded || code !== 0) return;
    writeSync(2, `steppe: Rank ${rank} of ${size} ends without finalize(), the last call of every rank.\n`);
    process.exitCode = PEER_LOST;
  });
  if (started !== undefined && size !== started)
    throw new Error(
      `${make} started ${started} processes, and ${file} finds ${size}: the launcher and the library must be of one make. Unset STEPPE_MPI, or start with the launcher of ${file}.`,
    );

  const test = of('Test', 'ppp');
  const toldOf = ({ seconds, what }: Wait): string =>
    `${what} not finished after ${seconds} s on rank ${rank} of ${size} (${hostname()}): a peer is lost or stuck.`;
  const { ppid: starter } = process;
  const finish = (wait: Wait): void => {
    // MPICH lets ranks go on whose own daemon was killed, and nothing could end them any more.
    if (process.ppid !== starter) {
      writeSync(2, `steppe: What started rank ${rank} of ${size} (${hostname()}) is gone, and the rank ends.\n`);
      exitNow(PEER_LOST);
    }
    let waited = 0;
    let last = performance.now();
    while (true) {
      // Before the question: who was not given the processor for long asks once more before it gives up. All that were
      // stopped for a while, as Slurm suspends a job, go on together.
      const now = performance.now();
      waited += Math.min(now - last, MOST_AT_ONCE);
      last = now;
      test(requestAt, resultAt, handles.noStatus);
      if (result[0] !== 0) {
        held.clear();
        return;
      }
      // Where ranks share a core the other one gets it; who waits for long, as for an evaluation, burns none.
      if (waited < PATIENT) yieldProcessor();
      else sleep(200);
      if (waited < 1000 * wait.seconds) continue;
      writeSync(2, `steppe: ${toldOf(wait)}\n`);
      // Nothing of MPI may run any more: also what it does at exit would wait.
      exitNow(PEER_LOST);
    }
  };
  const { byte } = handles.types;
  const gather = of('Iallgather', 'pihpihhp');
  const exchange = of('Ialltoall', 'pihpihhp');
  const spread = of('Ibcast', 'pihihp');
  const meet = of('Ibarrier', 'hp');
  const reduce = of('Reduce_local', 'ppihh');
  const barrier = (wait: Wait): void => {
    meet(world, requestAt);
    finish(wait);
  };
  return {
    rank,
    size,
    allGather(send, receive, wait) {
      checkBytes(send.byteLength);
      held.add(send).add(receive);
      gather(address(send), send.byteLength, byte, address(receive), send.byteLength, byte, world, requestAt);
      finish(wait);
    },
    allToAll(send, receive, wait) {
      held.add(send).add(receive);
      const part = send.byteLength / size;
      exchange(address(send), part, byte, address(receive), part, byte, world, requestAt);
      finish(wait);
    },
    broadcast(values, root, wait) {
      checkBytes(values.byteLength);
      held.add(values);
      spread(address(values), values.byteLength, byte, root, world, requestAt);
      finish(wait);
    },
    fold(parts, count, operation) {
      if (operation === 'max') {
        foldMax(parts, parts.length / count);
        return;
      }
      held.add(parts);
      const [at, length] = [address(parts), parts.length / count];
      for (let part = 1; part < count; part++)
        reduce(at + part * length * parts.BYTES_PER_ELEMENT, at, length, handles.types[typeOf(parts)], handles.sum);
      held.clear();
    },
    barrier,
    finalize(wait) {
      barrier(wait);
      hasEnded = true;
      if (make === 'MPICH') leave(file, exitNow);
      else within(wait.seconds, toldOf(wait), () => of('Finalize', '')());
    },
  };
}
