// A side of a comparison in a process of its own, asked line by line in JSON: peer_precision.py (PyTorch), peer_jax.py
// (JAX) or peer_native.mjs (ours). First it says what it is; then it takes { work, depth, width, batch, side, channels },
// which it answers with { parameters }, and { times }, which it answers with the { seconds } of each and its peak { kilobytes }.
//   python3 -m venv DIR && DIR/bin/pip install torch jax; PYTHON=DIR/bin/python
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const python = process.env.PYTHON ?? 'python3';

/** Starts a side: a script of this folder. */
export async function openPeer(command, script, args = [], env = {}) {
  const child = spawn(command, [join(import.meta.dirname, script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await answers.next();
    if (done) throw new Error(`${script} ended: its own words stand above.`);
    return JSON.parse(value);
  };
  const ask = (question) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    return answer();
  };
  const { peer } = await answer();
  const close = async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { peer, ask, close };
}

/** Starts PyTorch with a malloc that keeps its memory: that is its fastest. */
export function openTorch(threads) {
  const large = String(2 ** 33);
  const env = { MALLOC_MMAP_THRESHOLD_: large, MALLOC_TRIM_THRESHOLD_: large };
  return openPeer(python, 'peer_precision.py', [threads], env);
}

/** Starts JAX, which takes as many threads as there are processors. */
export const openJax = () => openPeer(python, 'peer_jax.py', [], { JAX_PLATFORMS: 'cpu' });

/** Starts native. */
export const openNative = (threads) => openPeer(process.execPath, 'peer_native.mjs', [], { STEPPE_THREADS: threads });
