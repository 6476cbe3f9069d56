// Prints what joining has changed in the process: `mpirun -n 2 node guest.mjs`.
import { createRequire } from 'node:module';
import { world } from '@steppe/distributed';

const koffi = createRequire(import.meta.resolve('@steppe/distributed'))('koffi');
const system = koffi.load('libc.so.6');
const functions = ['mmap', 'munmap', 'mremap', 'madvise', 'brk', 'sbrk', 'shmat', 'malloc', 'free'];
/** The first bytes of each function of the C library. */
const code = () =>
  functions.map((name) => Buffer.from(koffi.decode(system.symbol(name), 'uint8_t', 16)).toString('hex'));

// (module (memory 1) (func (export "read") (result i32) (i32.load (i32.const -1)))): out of its memory.
const bytes = Buffer.from(
  '0061736d010000000105016000017f0302010005030100010708010472656164' + '00000a0901070041' + '7f2802000b',
  'hex',
);
const { read } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;

const before = code();
const workers = world({ limit: 30 });
const changed = functions.filter((_, i) => code()[i] !== before[i]);
let error = 'none';
try {
  read();
} catch (thrown) {
  error = thrown.name;
}
if (workers.rank === 0) console.log(JSON.stringify({ changed, error }));
workers.finalize();
