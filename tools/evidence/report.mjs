// Writes what the runs on noisy labels came to between the markers of docs/evidence.md.
//   node tools/evidence/report.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { table } from '../bench/report.mjs';
import { arms, command, titles } from './arms.mjs';
import { chosen, readRuns, runsOf } from './runs.mjs';
import { interval, mean } from './statistics.mjs';

const page = fileURLToPath(new URL('../../docs/evidence.md', import.meta.url));

const points = (share) => (100 * share).toFixed(1);
const withHalf = ({ mean: center, half }) => `${points(center)} ± ${points(half)}`;

const settings = ({ decay, rho, m }) =>
  [...(rho ? [`rho ${rho}`] : []), ...(m ? [`m ${m}`] : []), `decay ${decay}`].join(', ');

/** The differences to SAM, seed by seed: the same seed has the same wrong labels, first weights and order. */
function againstSam(own, sam) {
  const differences = own.flatMap((run) => {
    const rival = sam.find(({ seed }) => seed === run.seed);
    return rival === undefined ? [] : [run.testError - rival.testError];
  });
  const { mean: center, half } = interval(differences);
  return `${center >= 0 ? '+' : '-'}${points(Math.abs(center))} ± ${points(half)}`;
}

/** A row for each arm, with the candidate that the held-out images chose. */
export function results(runs) {
  const sam = chosen(runs, 'sam').runs;
  return Object.keys(arms).map((arm) => {
    const { candidate, runs: own } = chosen(runs, arm);
    return {
      run: titles[arm],
      settings: settings(candidate),
      epochs: candidate.epochs,
      gradients: own[0].gradients,
      'test error (%)': withHalf(interval(own.map((run) => run.testError))),
      'against SAM (points)': arm === 'sam' ? '' : againstSam(own, sam),
      'test loss': mean(own.map((run) => run.testLoss)).toFixed(2),
      'wrong on the noisy training labels (%)': points(mean(own.map((run) => run.noisyTrainingError))),
      seeds: own.length,
    };
  });
}

/** A row for each candidate of the arms that chose. */
function candidates(runs) {
  return Object.keys(arms).flatMap((arm) =>
    arms[arm].length === 1
      ? []
      : arms[arm].map((candidate) => {
          const own = runsOf(runs, arm, candidate);
          return {
            run: titles[arm],
            settings: settings(candidate),
            epochs: candidate.epochs,
            'held-out error (%)': points(mean(own.map((run) => run.heldOutError))),
            seeds: own.length,
            chosen: candidate === chosen(runs, arm).candidate ? 'yes' : '',
          };
        }),
  );
}

/** Replaces what stands between two markers of the page. */
function replace(text, name, body) {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/evidence.md has no markers ${begin} … ${end}.`);
  return `${text.slice(0, from + begin.length)}\n${body}\n${text.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const runs = readRuns();
  const commands = Object.keys(arms).map((arm) => {
    const { candidate } = chosen(runs, arm);
    return `    ${command(candidate)}   # ${titles[arm]}`;
  });
  const machines = [...new Set(runs.map((run) => `${run.machine}, backend ${run.backend}, one thread`))].join('; ');
  let text = readFileSync(page, 'utf8');
  text = replace(text, 'results', `${table(results(runs))}\n\nMeasured on ${machines}.`);
  text = replace(text, 'candidates', table(candidates(runs)));
  text = replace(text, 'commands', `\n${commands.join('\n')}\n`);
  writeFileSync(page, text);
}
