import { describe, expect, test } from 'vitest';
import { packagesBuilt } from '../../../tools/vitest/packages-built.ts';
import {
  isRunning,
  type Job,
  type Launcher,
  launchers,
  type Running,
  ranksOf,
  script,
  startRanks,
  until,
} from './support/mpi.ts';

/** How a job ended; nothing of it is left then. */
async function ended(running: Running): Promise<Job> {
  const job = await running.end;
  await until(() => !ranksOf(job.out).some(isRunning));
  return job;
}

const faulty = async (launcher: Launcher, fault: string): Promise<Job> => {
  await packagesBuilt();
  return ended(startRanks(launcher, 3, [script('faulty.mjs'), fault]));
};

const stuck = /All-reduce of 40000 bytes|The meeting before allReduce of Float32Array by mean/;

describe.each(launchers.map((launcher) => [launcher.name, launcher] as const))('%s', (name, launcher) => {
  const isOpen = name === 'OpenMPI';

  test('a rank that is killed ends the job, and who it was is told', async () => {
    const { code, out, errors } = await faulty(launcher, 'kill');
    expect(code).not.toBe(0);
    expect(out + errors).toMatch(isOpen ? /rank 1 .*exited on signal 9/ : /BAD TERMINATION/);
  });

  test('a rank that is stopped ends the others after the limit, with a sentence', async () => {
    const { code, errors } = await faulty(launcher, 'stop');
    expect(isOpen ? code : code !== 0).toBe(isOpen ? 71 : true);
    expect(errors).toMatch(stuck);
    expect(errors).toMatch(/not finished after 3 s on rank [02] of 3 \(.+\): a peer is lost or stuck\./);
  });

  test('a rank in an endless loop is a stuck one', async () => {
    const { code, errors } = await faulty(launcher, 'loop');
    expect(isOpen ? code : code !== 0).toBe(isOpen ? 71 : true);
    expect(errors).toMatch(stuck);
  });

  test.skipIf(!isOpen)('the others end when the launcher is killed', async () => {
    await packagesBuilt();
    const running = startRanks(launcher, 3, [script('faulty.mjs'), 'forever']);
    await until(() => ranksOf(running.said()).length === 3);
    running.child.kill('SIGKILL');
    await until(() => !ranksOf(running.said()).some(isRunning));
  });

  test('a rank that throws ends the job with its error', async () => {
    const { code, errors } = await faulty(launcher, 'throw');
    expect(code).not.toBe(0);
    expect(errors).toContain('A fault of the program.');
  });

  test('a rank that leaves early without an error fails the job', async () => {
    const { code } = await faulty(launcher, 'leave');
    expect(code).not.toBe(0);
  });

  test('sums of different lengths are refused on all ranks, where MPI would add what does not belong together', async () => {
    const { code, errors } = await faulty(launcher, 'lengths');
    expect(code).not.toBe(0);
    expect(errors).toContain('rank 0 has 10000 numbers, rank 1 has 1000: every rank must make the same calls');
  });

  test('different calls are refused on all ranks, where MPI would wait for ever', async () => {
    const { code, errors } = await faulty(launcher, 'calls');
    expect(code).not.toBe(0);
    expect(errors).toContain('the ranks are at different calls');
  });

  test('other options, and other parameters, are refused on all ranks, with the first difference', async () => {
    const [options, params] = [await faulty(launcher, 'options'), await faulty(launcher, 'params')];
    expect([options.code, params.code]).not.toContain(0);
    expect(options.errors).toContain(
      'The ranks differ in options.rho: rank 0 has 0.05, rank 1 has 0.1. Start all of them with the same code, options and data.',
    );
    expect(params.errors).toMatch(
      /The ranks differ in params\.w: rank 0 has float32 \[2,3\] .*, rank 1 has float32 \[3,2\]/,
    );
  });

  test('the library of another make is refused, which would make worlds of one', async () => {
    await packagesBuilt();
    const other = isOpen ? 'libmpich.so.12' : 'libmpi.so.40';
    const { code, errors } = await startRanks(launcher, 2, [script('faulty.mjs'), 'none'], { STEPPE_MPI: other }).end;
    expect(code).not.toBe(0);
    expect(errors).toContain(
      `${name} started 2 processes, and ${other} finds 1: the launcher and the library must be of one make.`,
    );
  });
});
