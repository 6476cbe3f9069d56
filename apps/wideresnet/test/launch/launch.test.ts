import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchers } from '../../../../tools/vitest/mpi.ts';
import { buildCli, cli } from '../support/cli.ts';
import { alone, type Ended, type Running, ranksOf, small, start } from '../support/ranks.ts';
import { leftBy } from '../support/runs.ts';

let root = '';
const at = (name: string): string => join(root, name);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-launch-'));
  await buildCli();
});
afterAll(() => rm(root, { recursive: true }));

/** So many epochs of three steps: a checkpoint after each. */
const epochs = (count: number): readonly string[] => [...small, '--epochs', `${count}`, '--peer-limit', '20'];
const words = epochs(4);
/** Under way still when a signal has come to all ranks, which takes MPICH as long as some steps. */
const long = epochs(20);

/** Launches two ranks, and acts once when a step is told. */
function launched(
  command: string,
  run: string,
  step: number,
  act: (running: Running, run: string) => void,
  options: readonly string[] = [],
  what = words,
): Promise<Ended> {
  let isDone = false;
  const args = [cli, 'launch', '-n', '2', '--mpirun', command, ...options, '--', ...what, '--out', run];
  return start(process.execPath, args, (text, running) => {
    if (isDone || !new RegExp(`"step":${step}\\b`).test(text)) return;
    isDone = true;
    act(running, run);
  }).end;
}

const killRank =
  (wanted: string) =>
  (_: Running, run: string): void => {
    for (const { pid, rank } of ranksOf(run)) if (rank === wanted) process.kill(pid, 'SIGKILL');
  };

test('without MPI the error says what to install', async () => {
  const { code, err } = await start(process.execPath, [cli, 'launch', '-n', '2', '--', ...words], undefined, {
    PATH: '/nowhere',
  }).end;
  expect({ code, err }).toEqual({
    code: 69,
    err: 'steppe: Many ranks are started by MPI, and neither mpirun nor mpiexec is here: apt-get install openmpi-bin, or mpich.\n',
  });
});

describe('a launcher that ranks know nothing of', () => {
  /** Says that it is of MPICH, starts one process or none, and ends with 0. */
  const fake = async (starts = true): Promise<string> => {
    const file = at(`fake-${starts}`);
    const text = `#!/bin/sh
[ "$1" = --version ] && exec echo HYDRA
${starts ? 'shift 2' : 'exit 0'}
exec 3<&0
"$@" <&3 &
trap 'kill -USR1 $!' USR1
wait
wait
exit 0
`;
    await writeFile(file, text, { mode: 0o755 });
    return file;
  };

  test('of several is refused, where each rank would train alone', async () => {
    const { code, err } = await start(process.execPath, [
      cli,
      'launch',
      '-n',
      '2',
      '--mpirun',
      await fake(),
      '--',
      ...words,
    ]).end;
    expect(err).toMatch(/^steppe: steppe launch started 2 ranks, and this one finds 1: --mpirun must be an mpirun/);
    expect(code).toBe(69);
  });

  test('that ends with 0 and has started nothing is no success', async () => {
    const mpirun = await fake(false);
    const { code, err } = await start(process.execPath, [cli, 'launch', '-n', '1', '--mpirun', mpirun, '--', ...words])
      .end;
    expect({ code, err }).toEqual({
      code: 69,
      err: `steppe: ${mpirun} ended with 0, and no rank has come to its end.\n`,
    });
  });

  test('that waits for a machine which ssh does not reach is ended, with 69', async () => {
    const mpirun = at('fake-waiting');
    const text = `#!/bin/sh
[ "$1" = --version ] && exec echo HYDRA
echo 'ssh: connect to host node9 port 22: No route to host' >&2
exec sleep 60
`;
    await writeFile(mpirun, text, { mode: 0o755 });
    const { code, err } = await start(process.execPath, [cli, 'launch', '-n', '1', '--mpirun', mpirun, '--', ...words])
      .end;
    expect(err).toContain(
      'No route to host\nsteppe: ssh must reach every host without a password: try ssh HOST true.\n',
    );
    expect(code).toBe(69);
  });

  test('that is asked to end before the ranks have begun is ended, and one line says so', async () => {
    const mpirun = at('fake-slow');
    const text = `#!/bin/sh
[ "$1" = --version ] && exec echo HYDRA
trap 'echo "[mpiexec@vm] HYDU_sock_write error" >&2; exit 0' TERM
echo begun
while :; do sleep 0.1; done
`;
    await writeFile(mpirun, text, { mode: 0o755 });
    const args = [cli, 'launch', '-n', '1', '--mpirun', mpirun, '--', ...words];
    const running = start(process.execPath, args, (heard, { kill }) => /^begun/.test(heard) && kill('SIGTERM'));
    const { code, err } = await running.end;
    expect({ code, err }).toEqual({
      code: 75,
      err: 'Stopped before the first step: there is nothing to save.\n',
    });
  });

  test('does not see the variables of an outer job, which would be its ranks’', async () => {
    const mpirun = at('fake-printing');
    const text = '#!/bin/sh\n[ "$1" = --version ] && exec echo HYDRA\nenv\n';
    await writeFile(mpirun, text, { mode: 0o755 });
    const args = [cli, 'launch', '-n', '1', '--mpirun', mpirun, '--', ...words];
    const outer = { OMPI_COMM_WORLD_RANK: '1', PMI_RANK: '1', PMIX_RANK: '1', OMPI_MCA_btl: 'tcp,self' };
    const { out } = await start(process.execPath, args, undefined, outer).end;
    expect(out).toContain('OMPI_MCA_btl=tcp,self');
    expect(out).not.toMatch(/^(OMPI_COMM|PMI)/m);
  });

  test('may end with 0: what a rank ends with counts', async () => {
    const run = at('fake-run');
    const { code } = await launched(await fake(), run, 2, ({ kill }) => kill('SIGUSR1'), ['-n', '1'], long);
    expect(JSON.parse(await readFile(join(run, 'summary.json'), 'utf8')).status).toBe('interrupted');
    expect(code).toBe(75);
  });
});

describe.each(launchers.map(({ name, command }) => [name, command] as const))('launch by %s', (name, command) => {
  /** What one process leaves that was never ended. */
  const whole = () => at('whole');
  beforeAll(async () => {
    if (name !== launchers[0]?.name) return;
    const { code, err } = await alone([...words, '--m', '4', '--out', whole()]);
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  });

  test('a rank that is killed ends all, who are started again and leave what a run without a break leaves', async () => {
    const run = at(`killed-${name}`);
    const { code, err } = await launched(command, run, 5, killRank('1'), ['--max-restarts', '1']);
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    expect(err).toContain('steppe: the ranks ended with 71; starting them again from the last checkpoint (1 of 1).');
    // A rank of MPICH that talks to the one that was killed may end itself first.
    expect(err).toMatch(name === 'OpenMPI' ? /rank 1 on \S+ was ended by signal 9/ : /on \S+ was ended \([69]\)/);
    expect(ranksOf(run)).toEqual([]);
    const { weights, log } = (await leftBy(run)) as { readonly weights: unknown; readonly log: unknown };
    expect({ weights, log }).toEqual((({ weights, log }) => ({ weights, log }))((await leftBy(whole())) as never));
  });

  test('SIGTERM saves, ends with 75, and the run goes on', async () => {
    const run = at(`stopped-${name}`);
    const { code, err } = await launched(command, run, 2, ({ kill }) => kill('SIGTERM'), [], long);
    expect(code).toBe(75);
    expect(err).toContain('SIGTERM: the ranks finish the step under way, then save.');
    expect(JSON.parse(await readFile(join(run, 'summary.json'), 'utf8')).status).toBe('interrupted');
    if (name !== launchers[0]?.name) return;
    // On another number of ranks it does not, unless that is said.
    const refused = await alone(['train', '--resume', run]);
    expect(refused.code).toBe(64);
    expect(refused.err).toContain(
      'is of 2 ranks, and there is one: start as many, or say --change-ranks, which gives up',
    );
    const again = await start(process.execPath, [
      cli,
      'launch',
      '-n',
      '2',
      '--mpirun',
      command,
      '--',
      'train',
      '--resume',
      run,
      '--json',
    ]).end;
    expect({ code: again.code, err: again.code === 0 ? '' : again.err }).toEqual({ code: 0, err: '' });
    const uninterrupted = at('long');
    expect((await alone([...long, '--m', '4', '--out', uninterrupted])).code).toBe(0);
    expect(((await leftBy(run)) as { weights: unknown }).weights).toEqual(
      ((await leftBy(uninterrupted)) as { weights: unknown }).weights,
    );
  });
});

test.skipIf(launchers.length === 0)('a launcher that is killed leaves nothing running', async () => {
  const run = at('orphans');
  const { code } = await launched(launchers[0]?.command ?? '', run, 4, ({ kill }) => kill('SIGKILL'));
  expect(code).toBe(null);
  for (const end = Date.now() + 60_000; ranksOf(run).length > 0 && Date.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 100));
  expect(ranksOf(run)).toEqual([]);
  expect(JSON.parse(await readFile(join(run, 'summary.json'), 'utf8')).status).toBe('interrupted');
});
