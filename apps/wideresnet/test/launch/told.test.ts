import { describe, expect, test } from 'vitest';
import { parseHosts } from '../../src/launch/hosts.ts';
import { meaning } from '../../src/launch/launch.ts';
import { codeLine, readyLine } from '../../src/launch/lines.ts';
import { wordsOf } from '../../src/launch/mpi.ts';
import { type Heard, reader } from '../../src/launch/told.ts';

/** What is heard of a text that comes in pieces of some length. */
function heard(text: string, length = text.length): readonly Heard[] {
  const all: Heard[] = [];
  const told = reader((one) => all.push(one));
  for (let i = 0; i < text.length; i += length) told.read(text.slice(i, i + length));
  told.end();
  return all;
}

const rule = '-'.repeat(74);
const ofOpenMpi = `${rule}
Primary job  terminated normally, but 1 process returned
a non-zero exit code. Per user-direction, the job has been aborted.
${rule}
${rule}
mpirun noticed that process rank 2 with PID 0 on node vm exited on signal 9 (Killed).
${rule}
`;
const ofMpich = `
${'='.repeat(83)}
=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES
=   PID 1234 RUNNING AT vm
=   EXIT CODE: 9
=   CLEANING UP REMAINING PROCESSES
=   YOU CAN IGNORE THE BELOW CLEANUP MESSAGES
${'='.repeat(83)}
YOUR APPLICATION TERMINATED WITH THE EXIT STRING: Killed (signal 9)
This typically refers to a problem with your application.
Please see the FAQ page for debugging suggestions
`;

const ofOpenMpiDaemon = `${rule}
ORTE has lost communication with a remote daemon.

  HNP daemon   : [[7257,0],0] on node hosta
  Remote daemon: [[7257,0],1] on node hostb

This is usually due to either a failure of the TCP network
connection to the node, or possibly an internal failure of
the daemon itself. We cannot recover from this failure, and
therefore will terminate the job.
${rule}
`;

const lines = (all: readonly Heard[]) => all.flatMap((one) => ('text' in one && one.text !== '' ? [one.text] : []));

describe('the launcher hears', () => {
  test.each([1, 7, 10_000])('of a dead rank in one sentence, in pieces of %i letters', (length) => {
    expect(lines(heard(ofOpenMpi, length))).toEqual([
      'steppe: rank 2 on vm was ended by signal 9 (Killed); the others were ended, too.',
    ]);
    expect(lines(heard(ofMpich, length))).toEqual([
      'steppe: the rank of process 1234 on vm was ended (9); the others were ended, too.',
    ]);
  });

  test('of a lost machine in one sentence', () => {
    expect(lines(heard(ofOpenMpiDaemon))).toEqual([
      'steppe: hostb is lost, or what starts ranks there was ended; the others were ended, too.',
    ]);
  });

  test('once what all ranks say alike, and what only one says', () => {
    const text =
      'steppe: No data.\nsteppe: rank 3 on b: No data.\nsteppe: rank 2 on b: No room.\na warning\na warning\n';
    expect(lines(heard(text))).toEqual(['steppe: No data.', 'steppe: rank 2 on b: No room.', 'a warning', 'a warning']);
  });

  test('lines that are not for the user, and a last one without an end', () => {
    expect(heard(`${readyLine}\n${codeLine(65)}\nmpirun: Forwarding signal 10 to job\nsteppe: x`)).toEqual([
      { kind: 'ready' },
      { kind: 'code', code: 65 },
      { kind: 'line', text: 'steppe: x' },
    ]);
  });

  test('of other trouble of a launcher in its own words', () => {
    expect(lines(heard(`${rule}\nORTE was unable to start the daemons.\n${rule}\n`))).toEqual([
      'ORTE was unable to start the daemons.',
    ]);
  });
});

test('what ends the ranks becomes a code of the app', () => {
  const of = (code: number | undefined, wasReady = true) => meaning({ code, wasReady });
  expect([of(0), of(75), of(65), of(137), of(undefined), of(9), of(205)]).toEqual([0, 75, 65, 71, 71, 71, 71]);
  // It never came so far, as without a way to a machine.
  expect([of(1, false), of(undefined, false), of(137, false)]).toEqual([69, 69, 71]);
});

describe('a file of hosts', () => {
  const parse = (text: string) => parseHosts(text, (line) => `Line ${line} of hosts`);

  test('has the words of either make, and says a host twice for more slots', () => {
    expect(parse('# all\nnode1 slots=8\r\nnode2:4 # half\n\nnode2:4\n10.0.0.3\n')).toEqual([
      { name: 'node1', slots: 8 },
      { name: 'node2', slots: 8 },
      { name: '10.0.0.3', slots: 1 },
    ]);
  });

  test.each(['node1 slots=0', 'node1 slots', '-oProxyCommand=x', 'a;b', 'node1:x', '\u0000\u0001', 'a b c'])(
    'refuses %j with its line',
    (line) => {
      expect(() => parse(`node0\n${line}\n`)).toThrow('Line 2 of hosts must be a host such as "node1 slots=8", got ');
    },
  );
});

test('the words of each make say where ranks run and what they inherit', () => {
  const hosts = [
    { name: 'a', slots: 2 },
    { name: 'b', slots: 1 },
  ];
  const environment = { STEPPE_DATA: '/data', HOME: '/root', CUDA_VISIBLE_DEVICES: '0,1' };
  expect(wordsOf({ make: 'MPICH', command: 'mpiexec' }, 3, hosts, environment)).toEqual([
    '-n',
    '3',
    '-hosts',
    'a:2,b:1',
  ]);
  const words = wordsOf({ make: 'OpenMPI', command: 'mpirun' }, 3, hosts, environment).join(' ');
  expect(words).toContain('--host a:2,b:1');
  expect(words).toContain('-x STEPPE_DATA -x CUDA_VISIBLE_DEVICES');
  expect(words).not.toContain('HOME');
});
