import { beforeAll, describe, expect, test } from 'vitest';
import { type Launcher, launchers } from '../../../tools/vitest/mpi.ts';
import { packagesBuilt } from '../../../tools/vitest/packages-built.ts';
import { isRunning, type Job, ranksOf, runRanks, script, until } from './support/mpi.ts';

beforeAll(packagesBuilt, 240_000);

/** Runs ranks with a fault to the end of the job, and waits until no rank is left; the time limit of the test ends what
 * stays. */
async function faulty(launcher: Launcher, fault: string, ranks = 3, env: NodeJS.ProcessEnv = {}): Promise<Job> {
  const job = await runRanks(launcher, ranks, [script('faulty.mjs'), fault], env);
  await until(() => !ranksOf(job.out).some(isRunning));
  return job;
}

// Jobs that wait for the most part: side by side.
describe.concurrent.each(launchers.map((launcher) => [launcher.name, launcher] as const))('%s', (name, launcher) => {
  const isOpen = name === 'OpenMPI';

  test('a rank that is killed ends the job, and who it was is told', async () => {
    const { code, out, errors } = await faulty(launcher, 'kill');
    expect(code).not.toBe(0);
    expect(out + errors).toMatch(isOpen ? /rank 1 .*exited on signal 9/ : /BAD TERMINATION/);
  });

  test.each([
    ['stopped', 'stop'],
    ['in an endless loop', 'loop'],
  ])('a rank that is %s ends the others after the limit, with a sentence', async (_, fault) => {
    const { code, errors } = await faulty(launcher, fault);
    expect(isOpen ? code : code !== 0).toBe(isOpen ? 71 : true);
    expect(errors).toMatch(
      /(All-reduce of 40000 bytes|The meeting before allReduce of Float32Array by mean) not finished after 3 s on rank [02] of 3 \(.+\): a peer is lost or stuck\./,
    );
  });

  test('a captured step ends as one kernel by kernel does when a rank is stopped, and tells whose numbers are not finite', async () => {
    const { code, out, errors } = await faulty(launcher, 'captured');
    expect(isOpen ? code : code !== 0).toBe(isOpen ? 71 : true);
    expect(errors).toMatch(
      /The meeting before allReduceMean not finished after 3 s on rank [02] of 3 \(.+\): a peer is lost or stuck\./,
    );
    for (const [i, mean] of ['0,0', '1,2', 'NaN,NaN', '3,6', '4,8'].entries())
      for (const rank of [0, 1, 2]) expect(out).toContain(`replay ${i + 1} on ${rank}: ${mean}\n`);
    expect(errors.match(/not finite/g)).toHaveLength(1);
    expect(errors).toContain('allReduceMean: rank 1 of 3 gives numbers that are not finite');
  });

  test.skipIf(!isOpen)(
    'ranks that are stopped together for longer than the limit, and go on, are not lost',
    async () => {
      const { code, out, errors } = await faulty(launcher, 'pause');
      expect({ code, errors, done: out.match(/is done/g)?.length }).toEqual({ code: 0, errors: '', done: 3 });
    },
  );

  test('a rank whose peers never come to the world ends after the limit, with a sentence', async () => {
    const { code, errors } = await faulty(launcher, 'absent', 2);
    expect(isOpen ? code : code !== 0).toBe(isOpen ? 71 : true);
    expect(errors).toMatch(
      /The start of 2 ranks not finished after 2 s on rank 0 \(.+\): a peer has not come to world\(\), or cannot be reached\./,
    );
  });

  test.skipIf(!isOpen)('the others end when the launcher is killed', async () => {
    const { code, out } = await faulty(launcher, 'launcher');
    expect(code).not.toBe(0);
    expect(ranksOf(out)).toHaveLength(3);
  });

  test('a rank that throws ends the job with its error', async () => {
    const { code, errors } = await faulty(launcher, 'throw');
    expect(code).not.toBe(0);
    expect(errors).toContain('A fault of the program.');
  });

  test('a rank that leaves early without an error fails the job', async () => {
    const { code, errors } = await faulty(launcher, 'leave');
    expect(code).not.toBe(0);
    expect(errors).toContain('Rank 1 of 3 ends without finalize(), the last call of every rank.');
  });

  test('what does not fit together is refused on all ranks, where MPI would add it or wait for ever, and work goes on', async () => {
    const { code, out } = await faulty(launcher, 'refused');
    for (const rank of [0, 1, 2])
      for (const [fault, message] of [
        ['lengths', `.*rank 0 has 10000 numbers, rank 1 has 1000: every rank must make the same calls`],
        ['calls', '.*the ranks are at different calls'],
        [
          'options',
          'The ranks differ in options\\.rho: rank 0 has 0\\.05, rank 1 has 0\\.1\\. Start all of them with the same',
        ],
        ['trees', 'allReduceMean got trees of other names, types or shapes on rank 1 than on rank 0'],
        [
          'booleans',
          'allReduceMean averages and sums numbers, got bool at "\\.grads\\.mask": cast it to float32 or int32',
        ],
        ['mixed', 'allReduceMean got trees of other names, types or shapes on rank 1 than on rank 0'],
        ['params', 'The ranks differ in params\\.w: rank 0 has float32 \\[2,3\\] .*, rank 1 has float32 \\[3,2\\]'],
      ])
        expect(out).toMatch(new RegExp(`^${fault} on ${rank}: ${message}`, 'm'));
    expect({ code, done: out.match(/is done/g)?.length }).toEqual({ code: 0, done: 3 });
  });

  test('the rank whose numbers are not finite is told by its name, once until they are', async () => {
    const { out, errors } = await faulty(launcher, 'refused');
    for (const rank of [0, 1, 2])
      for (const mean of ['NaN,NaN', 'Infinity,Infinity', '1,2']) expect(out).toContain(`mean on ${rank}: ${mean}\n`);
    expect(errors.match(/not finite/g)).toHaveLength(1);
    expect(errors).toContain('allReduceMean: rank 1 of 3 gives numbers that are not finite, and so is the mean.');
  });

  test('in one process the world is joined again and again, but not by other threads or copies, nor after its end', async () => {
    const { code, out } = await runRanks(launcher, 2, [script('copies.mjs')]);
    const begun =
      'MPI has begun in this process already, in another thread or by another copy of @steppe/distributed: call world() in one thread.';
    for (const rank of [0, 1])
      for (const line of [
        `twice on ${rank}: 3`,
        `thread on ${rank}: ${begun}`,
        `copy on ${rank}: ${begun}`,
        `ended on ${rank}: The world has ended, and allReduce of Float32Array by sum comes after finalize(): make finalize() the last call.`,
        `begun anew on ${rank}: MPI has ended in this process, and begins once: call finalize() at the very end.`,
      ])
        expect(out.split('\n')).toContain(line);
    // The end of MPICH may take as long as the process.
    expect(out.match(/^ended copy on \d: MPI has (begun|ended) in this process/gm)).toHaveLength(2);
    expect(code).toBe(0);
  });

  test('a worker thread may be the one that joins', async () => {
    const { code, out } = await runRanks(launcher, 2, [script('copies.mjs'), 'thread']);
    expect({ code, out }).toEqual({ code: 0, out: 'thread: 3\nthread: 3\n' });
  });

  test('the library of another make is refused, which would make worlds of one', async () => {
    const other = isOpen ? 'libmpich.so.12' : 'libmpi.so.40';
    const { code, errors } = await faulty(launcher, 'none', 2, { STEPPE_MPI: other });
    expect(code).not.toBe(0);
    expect(errors).toContain(
      `${name} started 2 processes, and ${other} finds 1: the launcher and the library must be of one make.`,
    );
  });
});
