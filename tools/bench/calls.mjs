// Where a captured step spends its time, by C function and by the kernel's sizes: each recorded call is replayed and
// timed on its own.
//   npm run build && node tools/bench/calls.mjs 16-1-32 [step|gradient] [--times 30] [--each] [--list]

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { valueAndGrad } from '@steppe/autograd';
import { useBackend } from '@steppe/backends';
import { key } from '@steppe/random';
import { trainStep } from '@steppe/train';
import { addDecayedWeights, chain, samTransform, scale, trace } from '@steppe/transforms';
import { dispose } from '@steppe/tree';
import { classifier } from './classifier.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    times: { type: 'string', default: '30' },
    each: { type: 'boolean' },
    plain: { type: 'boolean' },
    list: { type: 'boolean' },
  },
});
const [name = '16-1-32', what = 'step'] = positionals;
process.env.STEPPE_THREADS ??= '2';

const text = readFileSync(
  fileURLToPath(new URL('../../packages/native/c/program/functions.c', import.meta.url)),
  'utf8',
);
const functions = [...text.matchAll(/FUNCTION\((\w+), "(\w+)"\)/g)].map(([, name, parameters]) => ({
  name,
  parameters,
}));

const koffi = createRequire(import.meta.resolve('@steppe/native'))('koffi');
const { load } = koffi;
let timesOf; // Map of call index -> seconds[] while watching
koffi.load = (...at) => {
  const handle = load(...at);
  return {
    func: (name, ...signature) => {
      const run = handle.func(name, ...signature);
      if (name !== 'steppe_replay') return run;
      return (words, end, links, count, addresses) => {
        if (!timesOf) return run(words, end, links, count, addresses);
        run(words, 0, links, count, addresses);
        const view = new BigInt64Array(koffi.view(BigInt(words), end * 8));
        const ranges = [];
        for (let at = 0; at < end; ) {
          const f = functions[Number(view[at])];
          ranges.push([at, 1 + f.parameters.length, f]);
          at += 1 + f.parameters.length;
        }
        for (const [i, [at, length, f]] of ranges.entries()) {
          const begin = performance.now();
          run(words + 8 * at, length, 0, 0, addresses);
          const ms = performance.now() - begin;
          if (!timesOf[i]) {
            const args = [...f.parameters].flatMap((letter, j) => {
              const value = view[at + 1 + j];
              if (letter === 'i' || letter === 'l') return [Number(value)];
              return [];
            });
            let extra = '';
            if (/conv2d|depthwise|pool/.test(f.name)) {
              const p = new Int32Array(koffi.view(view[at + 1 + 3], 64));
              if (/pool$/.test(f.name)) extra = '';
              else extra = ` n${p[0]} ${p[1]}x${p[2]}x${p[3]} k${p[4]}x${p[5]} ->${p[6]} s${p[9]}`;
            }
            if (f.name === 'binary' || f.name === 'copy') {
              const rank = Number(view[at + 1 + (f.name === 'binary' ? 5 : 3)]);
              const last = view[at + 1 + (f.name === 'binary' ? 6 : 4)];
              extra = ` [${[...new Int32Array(koffi.view(last, 12 * rank))]}]`;
            }
            const pointers = [...f.parameters]
              .flatMap((letter, j) => (letter === 'p' ? [view[at + 1 + j].toString(16).slice(-8)] : []))
              .join(' ');
            timesOf[i] = { name: f.name, args: `${args}${extra}`, ms: [], pointers };
          }
          timesOf[i].ms.push(ms);
        }
        return 0;
      };
    },
  };
};
await useBackend('native');
const { capture } = await import('@steppe/native');
const { params, state, examples, loss } = classifier(name);
const gradientAt = valueAndGrad((w, batch) => loss(w, state, batch));
const step = trainStep(loss, chain(samTransform(0.05), addDecayedWeights(5e-4), trace(0.9), scale(-1e-3)));
const position = step.start(params, state, key(2));
const options = { fuse: !values.plain };
const run = what === 'gradient' ? capture(gradientAt, options) : capture(step.update, options);
const args = what === 'gradient' ? [params, examples] : [position, examples];
const once = () => {
  const made = run(...args);
  dispose(made);
};
for (let i = 0; i < 8; i++) once();
const low = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 10)];
const whole = [];
const timed = [];
const all = [];
for (let i = 0; i < Number(values.times); i++) {
  timesOf = undefined;
  let begin = performance.now();
  once();
  whole.push(performance.now() - begin);
  timesOf = all;
  begin = performance.now();
  once();
  timed.push(performance.now() - begin);
}
const rows = all.map(({ ms, ...rest }) => ({ ...rest, ms: low(ms) }));
const sum = rows.reduce((s, r) => s + r.ms, 0);
console.log(
  `${name} ${what}: ${low(whole).toFixed(2)} ms whole, ${low(timed).toFixed(2)} call by call, ${sum.toFixed(2)} in ${rows.length} calls`,
);
const group = new Map();
for (const r of rows) {
  const k = values.each ? `${r.name} ${r.args}` : r.name;
  const g = group.get(k) ?? { n: 0, ms: 0 };
  g.n++;
  g.ms += r.ms;
  group.set(k, g);
}
if (values.list) for (const r of rows) console.log(r.ms.toFixed(3), r.name, r.args, r.pointers);
else
  for (const [k, { n, ms }] of [...group].sort((a, b) => b[1].ms - a[1].ms).slice(0, values.each ? 60 : 40))
    console.log(ms.toFixed(3).padStart(9), `${((100 * ms) / sum).toFixed(1)} %`.padStart(8), String(n).padStart(4), k);
