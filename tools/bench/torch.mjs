// PyTorch as a peer: peer_precision.py in a process of its own, asked line by line.
//   python3 -m venv DIR && DIR/bin/pip install torch --index-url https://download.pytorch.org/whl/cpu; PYTHON=DIR/bin/python
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Starts PyTorch with a malloc that keeps its memory: that is its fastest. */
export async function openTorch(threads) {
  const large = String(2 ** 33);
  const child = spawn(process.env.PYTHON ?? 'python3', [join(import.meta.dirname, 'peer_precision.py'), threads], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, MALLOC_MMAP_THRESHOLD_: large, MALLOC_TRIM_THRESHOLD_: large },
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse((await answers.next()).value);
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
