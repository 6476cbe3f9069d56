// Sums on all ranks for ever, but for what the fault of the rank 1 is: `mpirun -n 3 node faulty.mjs FAULT`. Each rank
// says its process first.
import { agree, world } from '@steppe/distributed';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

const [fault] = process.argv.slice(2);
const workers = world({ limit: 3 });
const isFaulty = workers.rank === 1;
process.stdout.write(`rank ${workers.rank} is ${process.pid}\n`);
workers.barrier();
const values = new Float32Array(10_000).fill(1);

/** What happens on the rank 1 after some sums. */
const faults = {
  kill: () => process.kill(process.pid, 'SIGKILL'),
  stop: () => process.kill(process.pid, 'SIGSTOP'),
  loop: () => {
    for (;;);
  },
  throw: () => {
    throw new Error('A fault of the program.');
  },
  exit: () => process.exit(3),
  leave: () => process.exit(0),
  lengths: () => workers.allReduce(new Float32Array(1000), 'mean'),
  calls: () => workers.barrier(),
};

/** What the ranks compare, which differs on the rank 1. */
const facts = {
  options: { version: '1', options: { rho: isFaulty ? 0.1 : 0.05, steps: 3 } },
  params: { params: { w: tf.ones(isFaulty ? [3, 2] : [2, 3]) } },
};

for (let i = 0; fault !== 'none' || i < 5; i++) {
  if (i === 3 && isFaulty) faults[fault]?.();
  if (i === 3 && fault in facts) agree(workers, facts[fault]);
  workers.allReduce(values, 'mean');
  // Of a job that ends by the hand of the test.
  if (i > 100_000) process.exit(9);
}
workers.finalize();
process.stdout.write(`rank ${workers.rank} is done\n`);
