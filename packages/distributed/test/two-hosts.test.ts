import { registerNative } from '@steppe/native';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Launcher, launchers } from '../../../tools/vitest/mpi.ts';
import { packagesBuilt } from '../../../tools/vitest/packages-built.ts';
import { withoutTwoHosts } from '../../../tools/vitest/two-hosts.ts';
import { type Job, runOnTwoHosts, script } from './support/mpi.ts';

/** Most jobs are of OpenMPI; the app's tests are of both makes. */
const missing = launchers.some(({ name }) => name === 'OpenMPI') ? withoutTwoHosts : 'OpenMPI is not installed';
const title = `two hosts with a cable between them${missing === undefined ? '' : ` are left out: ${missing}`}`;

beforeAll(async () => {
  await packagesBuilt();
  // The engine is compiled here: the lock of a host names processes that the other host does not see.
  if (missing === undefined) await registerNative();
}, 240_000);

/** What `contract.mjs` tells of a chain. */
type Line = { readonly name: string; readonly ranks: readonly string[]; readonly one: string };

/** Runs two ranks on each host to the end, and checks that none is left. */
async function onTwoHosts(words: readonly string[], make?: Launcher['name']): Promise<Job> {
  const job = await runOnTwoHosts(words, make);
  expect(job.out).toContain('left: 0 on hosta, 0 on hostb');
  return job;
}

const faulty = (fault: string): Promise<Job> => onTwoHosts([script('faulty.mjs'), fault]);

describe.skipIf(missing !== undefined).concurrent(title, () => {
  test('train what one process trains, bit for bit', async () => {
    const chains = ['SAM, ε̂ of each', 'SAM, ε̂ shared'];
    const { out } = await onTwoHosts([script('contract.mjs'), ...chains]);
    const lines = out.split('\n').filter((line) => line.startsWith('{'));
    const told: readonly Line[] = lines.map((line) => JSON.parse(line));
    expect(told.map(({ name }) => name)).toEqual(chains);
    for (const { ranks, one } of told) expect(ranks).toEqual([one]);
    expect(out).toContain('the launcher ends with 0');
  });

  test('a rank of the other host that is killed ends all, and who it was is told', async () => {
    const { out, errors } = await faulty('kill');
    expect(out).toContain('the launcher ends with 137');
    expect(out + errors).toMatch(/rank 2 .* on node hostb exited on signal 9/);
  });

  test('a rank of the other host that is stopped ends all after the limit', async () => {
    const { out, errors } = await faulty('stop');
    expect(out).toContain('the launcher ends with 71');
    expect(errors).toMatch(/not finished after 3 s on rank 0 of 4 \(hosta\): a peer is lost or stuck\./);
  });

  test('a daemon that is killed on the other host ends all', async () => {
    const { out, errors } = await faulty('daemon');
    expect(out).toContain('the launcher ends with 205');
    expect(out + errors).toContain('lost communication with a remote daemon');
  });

  test.skipIf(launchers.every(({ name }) => name !== 'MPICH'))(
    'so does one of MPICH, whose ranks notice it',
    async () => {
      const { out } = await onTwoHosts([script('faulty.mjs'), 'daemon'], 'MPICH');
      expect(out).toMatch(/the launcher ends with [1-9]/);
    },
  );

  test('when the cable is out, the ranks of both hosts end after the limit, while mpirun stays', async () => {
    const { out, errors } = await faulty('link');
    expect(errors).toMatch(/not finished after 3 s on rank 0 of 4 \(hosta\): a peer is lost or stuck\./);
    expect(out).toContain('the launcher stays');
  });

  test('when the launcher is killed, the ranks of both hosts end', async () => {
    expect((await faulty('launcher')).out).toContain('the launcher ends with 137');
  });

  test('other options on the other host are refused on all ranks', async () => {
    const { out } = await faulty('refused');
    expect(out.match(/^options on \d: The ranks differ in options\.rho/gm)).toHaveLength(4);
    expect(out).toContain('the launcher ends with 0');
  });
});
