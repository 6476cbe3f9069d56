// The rows of the README's table of relatives as optimizers with the numbers of the factorization, and when to use each.
import { runInNewContext } from 'node:vm';
import * as transforms from '@steppe/transforms';
import { exampleLoss } from './factors.mjs';
import { readmeRows } from './readme.mjs';
import { when } from './when.mjs';

/** What the names in the README's rows stand for here. */
const names = {
  rho: 0.2,
  p: 2,
  rate: 0.05,
  k: 5,
  m: 2,
  n: 10,
  L: 10,
  seed: 7,
  alpha: 0.4,
  gamma: 0.5,
  theta: 0.4,
  lambda: 0.5,
  sigma: 0.1,
  rhoMax: 0.2,
  quantile: 0.5,
  wd: 1e-3,
  N: 6,
  T: 400,
  f: 0.5,
  t0: 200,
  decay: 0.5,
  c: 5,
  alphas: [0.5, 1, 1.5],
  normalizations: (path) => path === '.u',
  groups: { u: { select: (path) => path === '.u', rho: 0.1 }, v: { select: (path) => path === '.v', rho: 0.1 } },
  exampleLoss,
};

/** What stands without SAM beside the rows that have it. */
const controls = [
  ['sgd(rate)', 'plain descent', 1, 'the control of all rows with `sgd`'],
  ['muon(rate)', 'Muon alone', 1, 'the control of SAM + Muon'],
  ['amsgrad(rate, { biasCorrection: false })', 'AMSGrad alone', 1, 'the control of AdaSAM'],
  ['prodigy()', 'Prodigy alone', 1, 'the control of SAM + Prodigy'],
];

/** Every row: its code, its cells, and the optimizer that it is. */
export const linkRows = () => {
  const relatives = readmeRows('chain | what it is | cost | paper').map(([cell, is, cost]) => {
    const code = cell.replace(/^`(.*?)`.*$/, '$1');
    if (when[code] === undefined) throw new Error(`tools/bench/methods/when.mjs says nothing of ${code}.`);
    return [code, is, cost, when[code]];
  });
  return [...controls, ...relatives].map(([code, is, cost, text]) => ({
    code,
    is,
    cost,
    when: text,
    optimizer: runInNewContext(code, { ...transforms, ...names }),
  }));
};
