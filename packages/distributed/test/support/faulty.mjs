// Sums on all ranks for ever, but for what the fault of one rank is: `mpirun -n 3 node faulty.mjs FAULT`. Each rank
// says its process first.
import { execFileSync, spawn } from 'node:child_process';
import { agree, allReduceMean, world } from '@steppe/distributed';

const [fault] = process.argv.slice(2);
const isFirst = (process.env.OMPI_COMM_WORLD_RANK ?? process.env.PMI_RANK) === '0';
if (fault === 'absent') {
  process.stdout.write(`rank ${isFirst ? 0 : 1} is ${process.pid}\n`);
  // The others never come to the world.
  if (isFirst) world({ limit: 2 });
  setTimeout(() => {}, 60_000);
  await new Promise(() => {});
}
// To start takes long where cores are few, and is no fault.
const { rank } = world({ limit: 60 });
const workers = world({ limit: 3 });
// Of four ranks on two hosts it is the first of the second host.
const isFaulty = rank === (workers.localSize < workers.size ? workers.localSize : 1);
process.stdout.write(`rank ${rank} is ${process.pid}\n`);
const all = workers
  .allGather(new TextEncoder().encode(`${process.pid}`))
  .map((bytes) => new TextDecoder().decode(bytes));
const values = new Float32Array(10_000).fill(1);

/** What happens on the one rank after some sums. */
const faults = {
  kill: () => process.kill(process.pid, 'SIGKILL'),
  stop: () => process.kill(process.pid, 'SIGSTOP'),
  loop: () => {
    for (;;);
  },
  // All of them, for longer than they wait.
  pause: () => {
    spawn('sh', ['-c', `kill -STOP ${all.join(' ')}; sleep 4; kill -CONT ${all.join(' ')}`], {
      detached: true,
      stdio: 'ignore',
    });
  },
  throw: () => {
    throw new Error('A fault of the program.');
  },
  leave: () => process.exit(0),
  // On another host than the launcher's, what starts the ranks is its daemon.
  daemon: () => process.kill(process.ppid, 'SIGKILL'),
  link: () => execFileSync('ip', ['link', 'set', 'cable', 'down']),
};
/** What is refused on all ranks, which go on then: by what the one rank does, and the others. */
const refused = {
  lengths: [() => workers.allReduce(new Float32Array(1000), 'mean'), () => workers.allReduce(values, 'mean')],
  calls: [() => workers.barrier(), () => workers.allReduce(values, 'mean')],
  numbers: [Number.NaN, null].map((fact) => () => agree(workers, { fact })),
  options: [0.1, 0.05].map((rho) => () => agree(workers, { version: '1', options: { rho, steps: 3 } })),
};

/** Whether the end of the pause is to come, on any rank. */
const isPausing = () =>
  fault === 'pause' && workers.allReduce(Float64Array.of(performance.now() - begin), 'max')[0] < 5000;

if (fault === 'refused') {
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-cpu');
  refused.params = [
    [3, 2],
    [2, 3],
  ].map((shape) => () => agree(workers, { params: { w: tf.ones(shape) } }));
  // As many numbers under other names.
  refused.trees = ['a', 'b'].map((name) => () => {
    const gradient = (w) => ({ value: tf.scalar(0), grads: w, aux: null });
    allReduceMean(workers).update(gradient, null, { [name]: tf.ones([2]) }, tf.ones([3]));
  });
  refused.booleans = [0, 1].map(() => () => {
    const gradient = (w) => ({ value: tf.scalar(0), grads: { w, mask: tf.ones([2], 'bool') }, aux: null });
    allReduceMean(workers).update(gradient, null, tf.ones([2]), tf.ones([3]));
  });
  refused.mixed = [0, 1].map((isOther) => () => {
    const gradient = (w) => ({ value: tf.scalar(0), grads: tf.cast(w, isOther ? 'float32' : 'int32'), aux: null });
    allReduceMean(workers).update(gradient, null, tf.ones([2]), tf.ones([3]));
  });
  // Two means of which one rank makes nothing: it is told once, by the first rank.
  const link = allReduceMean(workers);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1]) {
    const gradient = (w) => ({ value: tf.scalar(1), grads: tf.mul(w, isFaulty ? value : 1), aux: null });
    const [{ grads }] = link.update(gradient, null, tf.tensor1d([1, 2]), tf.ones([3]));
    process.stdout.write(`mean on ${rank}: ${grads.dataSync()}\n`);
  }
  const max = workers.allReduce(Float32Array.of(rank === 0 ? Number.NaN : rank, rank), 'max');
  process.stdout.write(`max on ${rank}: ${max}\n`);
  for (const [name, [faulty, others]] of Object.entries(refused))
    try {
      (isFaulty ? faulty : others)();
      process.stdout.write(`${name} on ${rank}: nothing\n`);
    } catch ({ message }) {
      process.stdout.write(`${name} on ${rank}: ${message}\n`);
    }
}
if (fault === 'captured') {
  const { capture, registerNative } = await import('@steppe/native');
  const tf = await import('@tensorflow/tfjs-core');
  await registerNative();
  await tf.setBackend('native');
  const link = allReduceMean(workers);
  const gradient = (w, x) => ({ value: tf.mean(x), grads: tf.mul(w, tf.mean(x)), aux: null });
  const step = capture((w, x) => link.update(gradient, null, w, x)[0], { warmup: 0 });
  for (let i = 0; i < 9; i++) {
    if (i === 5 && isFaulty) faults.stop();
    const { grads } = step(tf.tensor1d([1, 2]), tf.tensor1d([i === 2 && isFaulty ? Number.NaN : i]));
    process.stdout.write(`replay ${step.replays} on ${rank}: ${grads.dataSync()}\n`);
  }
}
const begin = performance.now();
for (let i = 0; !['none', 'refused', 'pause'].includes(fault) || i < 5 || isPausing(); i++) {
  if (i === 3 && isFaulty) faults[fault]?.();
  if (i === 3 && fault === 'launcher' && rank === 0) process.kill(process.ppid, 'SIGKILL');
  workers.allReduce(values, 'mean');
  // Of a job that ends by the hand of the test.
  if (i > 100_000) process.exit(9);
}
workers.finalize();
if (fault === 'refused')
  for (const late of [() => workers.barrier(), () => world()])
    try {
      late();
    } catch ({ message }) {
      process.stdout.write(`late on ${rank}: ${message}\n`);
    }
process.stdout.write(`rank ${rank} is done\n`);
