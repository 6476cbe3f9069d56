import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('sweep-child.mjs', import.meta.url));
const redirect = new URL('sweep-redirect.mjs', import.meta.url).href;
const patience = 20_000;
const mortal = ['hangs', 'crashes'];
const broken = /out of bounds|unreachable|divide by zero|writes beside/;

/** Runs programs of some operations in a process until all are done, or it dies, or one takes too long. */
export function inOne({ backend, seed, gradients, checkout }, work, hear, begin) {
  return new Promise((resolve) => {
    let running;
    let timer;
    let ended;
    const settle = (why) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      born.kill('SIGKILL');
      resolve({ running, why });
    };
    const born = fork(child, [], {
      execArgv: ['--stack-size=2000', ...(checkout ? ['--import', redirect] : [])],
      env: { ...process.env, ...(checkout ? { STEPPE_SWEEP_CHECKOUT: checkout } : {}) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    let said = '';
    born.stderr.on('data', (text) => {
      said = `${said}${text}`.slice(-2000);
    });
    const wait = (time) => {
      clearTimeout(timer);
      timer = setTimeout(() => settle({ kind: 'hangs', what: `not done after ${time / 1000} s` }), time);
    };
    wait(60_000);
    born.on('message', (message) => {
      if (message.program) {
        if (message.program.name !== running?.name) begin(message.program.name);
        running = message.program;
        wait(patience);
      } else if (message.finding) {
        hear(message.finding);
        // What comes next on a broken heap says nothing.
        if (broken.test(message.finding.what)) settle('broken');
      } else if (message.failed) settle({ kind: 'crashes', what: message.failed, fatal: !running });
      else settle(undefined);
    });
    born.on('exit', (code, signal) =>
      settle({
        kind: 'crashes',
        what: `${signal ?? `code ${code}`} ${said.split('\n').filter(Boolean).slice(-1)}`.trim(),
        fatal: !running,
      }),
    );
    born.send({ backend, seed, gradients, work });
  });
}

/** What is left of the work after the program that was running: none of an operation that has died five times. */
function left(work, running, findings) {
  const at = work.findIndex(({ name }) => name === running.name);
  const [{ name, from, cases }, ...others] = work.slice(at);
  const deaths = findings.filter(({ op, kind, what }) => op === name && (mortal.includes(kind) || broken.test(what)));
  const rest = from + cases - running.number - 1;
  return rest > 0 && deaths.length < 5 ? [{ name, from: running.number + 1, cases: rest }, ...others] : others;
}

/**
 * Runs the programs of operations, in a new process or page after each that dies.
 *
 * @param {Function} inOne - Runs them in one process or page until that ends.
 * @param {object} options - The operations, how many programs of each, and what `inOne` is told.
 * @returns {Promise<readonly object[]>} The findings.
 */
export async function inTurn(inOne, { ops, each, ...options }) {
  const findings = [];
  const say = (text) => options.json || console.error(text);
  const started = Date.now();
  let work = ops.map((name) => ({ name, from: 0, cases: each }));
  while (work.length) {
    const { running, why } = await inOne(
      options,
      work,
      (finding) => findings.push(finding),
      (name) => say(`${name} ...`),
    );
    if (!why) break;
    if (why.fatal) throw new Error(`The backend did not start: ${why.what}`);
    const { name: op, number, code } = running;
    if (why !== 'broken') findings.push({ ...why, op, number, gradient: options.gradients, code });
    work = left(work, running, findings);
    say(`${op} ${why.kind ?? 'broke the heap'}: a new process for ${work.length} operations`);
  }
  say(`${((Date.now() - started) / 1000).toFixed(0)} s`);
  return findings;
}
