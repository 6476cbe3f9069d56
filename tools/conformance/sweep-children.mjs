import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('sweep-child.mjs', import.meta.url));
const redirect = new URL('sweep-redirect.mjs', import.meta.url).href;
const patience = 20_000;
const broken = /out of bounds|unreachable|divide by zero|writes beside/;

/** Runs programs of some operations in a process until all are done, or it dies, or one takes too long. */
export function inOne({ backend, seed, gradients, checkout }, work, hear) {
  return new Promise((resolve) => {
    let running;
    let timer;
    let ended;
    const settle = (why) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      process_.kill('SIGKILL');
      resolve({ running, why });
    };
    const process_ = fork(child, [], {
      execArgv: ['--stack-size=2000', ...(checkout ? ['--import', redirect] : [])],
      env: { ...process.env, ...(checkout ? { STEPPE_SWEEP_CHECKOUT: checkout } : {}) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    let said = '';
    process_.stderr.on('data', (text) => {
      said = `${said}${text}`.slice(-2000);
    });
    const wait = (time) => {
      clearTimeout(timer);
      timer = setTimeout(() => settle({ kind: 'hangs', what: `not done after ${time / 1000} s` }), time);
    };
    wait(60_000);
    process_.on('message', (message) => {
      if (message.program) {
        running = message.program;
        wait(patience);
      } else if (message.finding) {
        hear(message.finding);
        // What comes next on a broken heap says nothing.
        if (broken.test(message.finding.what)) settle('broken');
      } else if (message.failed) settle({ kind: 'crashes', what: message.failed, fatal: !running });
      else settle(undefined);
    });
    process_.on('exit', (code, signal) =>
      settle({
        kind: 'crashes',
        what: `${signal ?? `code ${code}`} ${said.split('\n').filter(Boolean).slice(-1)}`.trim(),
        fatal: !running,
      }),
    );
    process_.send({ backend, seed, gradients, work });
  });
}

/** Runs each operation's programs, in a new process or page after each crash. */
export async function inTurn(inOne, { ops, each, ...options }) {
  const findings = [];
  const hear = (finding) => findings.push(finding);
  let rest = ops.map((name) => ({ name, from: 0, cases: each }));
  const started = Date.now();
  let deaths = 0;
  while (rest.length) {
    const { running, why } = await inOne(options, rest, hear);
    if (!why) break;
    if (why?.fatal) throw new Error(`The backend did not start: ${why.what}`);
    if (why !== 'broken')
      hear({ ...why, op: running.name, number: running.number, gradient: options.gradients, code: running.code });
    deaths = deaths + 1;
    const at = rest.findIndex(({ name }) => name === running.name);
    rest = rest.slice(at);
    const left = rest[0].from + rest[0].cases - running.number - 1;
    // An operation that dies again and again is known by then.
    const dead = findings.filter(
      ({ op, kind, what }) => op === running.name && (kind === 'hangs' || kind === 'crashes' || broken.test(what)),
    ).length;
    rest =
      left > 0 && dead < 5
        ? [{ name: running.name, from: running.number + 1, cases: left }, ...rest.slice(1)]
        : rest.slice(1);
    if (!options.json)
      console.error(`${running.name} ${why.kind ?? 'broke the heap'}: a new process for ${rest.length} operations`);
  }
  if (!options.json) console.error(`${((Date.now() - started) / 1000).toFixed(0)} s, ${deaths} new processes`);
  return findings;
}
