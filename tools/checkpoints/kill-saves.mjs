import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Numbers from 0 to 1 that are the same in every run. */
function* fractions(seed = 1) {
  for (let state = seed; ; ) {
    state = (state * 16_807) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

/** The steps of the files that look like checkpoints, and how many half-written ones lie beside them. */
function filesOf(run) {
  const folder = join(run, 'checkpoints');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const steps = names.flatMap((name) => (name.startsWith('step-') ? [Number(name.slice(5, -12))] : []));
  return { steps, halves: names.filter((name) => name.endsWith('.tmp')).length };
}

/**
 * Kills a process that saves for ever at random moments, again and again, and looks each time at what it has left.
 *
 * @param start - The command, which prints `from STEP` when it begins and each step once it is on the disk.
 * @param checkpoints - Of `openCheckpoints`, to read with.
 * @returns How many saves were acknowledged, files unreadable, acknowledged steps lost, half-written files met.
 */
export async function killSaves(start, { run, kills, longest, checkpoints }) {
  const count = { kills, acknowledged: 0, unreadable: 0, lost: 0, halves: 0 };
  let last = 0;
  const random = fractions();
  for (let kill = 0; kill < kills; kill++) {
    const [command, ...rest] = start;
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    const delay = longest * random.next().value;
    child.stdout.on('data', (chunk) => {
      if (text === '') setTimeout(() => child.kill('SIGKILL'), delay);
      text += chunk;
    });
    const [, signal] = await once(child, 'close');
    if (signal !== 'SIGKILL') throw new Error(`The saver ended by itself: ${text}`);
    const [from, ...said] = text.split('\n').slice(0, -1);
    count.acknowledged += said.length;
    // What the next process finds is what counts.
    if (Number(from.slice(5)) < last) count.lost += 1;
    last = Number(said.at(-1) ?? last);
    const { steps, halves } = filesOf(run);
    count.halves += halves;
    for (const step of steps) await checkpoints.at(step).then(release, () => (count.unreadable += 1));
    if (last > 0 && !steps.some((step) => step >= last)) count.lost += 1;
  }
  return count;
}

const release = ({ position }) => position.params.dispose();
