import { join } from 'node:path';
import { withLock } from '@steppe/files';
import { widthOf } from '../report/layout.ts';
import { print } from '../report/print.ts';
import { onInterrupt } from '../run/interrupt.ts';
import { shownPath } from '../run/run-folder.ts';
import { type EngineName, engines } from '../sweep/about.ts';
import { type Engine, engineOf } from '../sweep/engines/engines.ts';
import { checkClasses } from '../sweep/metric.ts';
import { showSweep } from '../sweep/show.ts';
import { corners } from '../sweep/space.ts';
import { readSpec } from '../sweep/spec.ts';
import { checkSweep, claimSweepFolder, fixedOf, type Sweep } from '../sweep/sweep.ts';
import { checkTrial } from '../sweep/trial.ts';
import { CommandError, exitCode } from './exit-codes.ts';
import type { SweepWords } from './sweep-words.ts';

const say = (text: string): void => print(process.stdout, text);

/** Runs a sweep here until it is done or a signal stops it; a stopped one goes on by the same command. */
async function runHere(sweep: Sweep, run: NonNullable<Engine['run']>): Promise<number> {
  const interrupt = onInterrupt((name) =>
    say(`${name === 'SIGINT' ? 'Ctrl-C' : name}: the trials save and end. Once more ends at once.`),
  );
  try {
    const code = await withLock(join(sweep.folder, 'sweep.lock'), () => run(sweep, { say, stop: interrupt.signal }), {
      wait: false,
    });
    await showSweep(sweep.folder, widthOf(process.stdout), say);
    const signal = interrupt.received();
    if (signal === undefined) return code;
    say(`Stopped: the same command goes on with what is left.`);
    return signal === 'SIGINT' ? exitCode.interrupted : exitCode.terminated;
  } finally {
    interrupt.release();
  }
}

const isEngine = (name: string): name is EngineName => name in engines;

function engineNamed(name: string | undefined): EngineName {
  const names = Object.keys(engines).join(', ');
  if (name === undefined) throw new CommandError(`Say who runs the trials: --engine is one of ${names}.`);
  if (isEngine(name)) return name;
  throw new CommandError(`--engine must be one of ${names}, got ${JSON.stringify(name)}.`);
}

/** Checks a sweep, writes what its engine reads, and runs it where the engine runs here. */
async function start(file: string, name: EngineName, { out, dryRun }: SweepWords): Promise<number> {
  const sweep = checkSweep(await readSpec(file), file, out);
  const options = corners(sweep.space).map((settings) => checkTrial({ ...fixedOf(sweep.spec), ...settings }, file));
  const byImages = new Map(options.map((each) => [each.images, each]));
  for (const each of byImages.values()) await checkClasses(sweep.spec.metric, each, file);
  const engine = engineOf[name];
  if (sweep.spec.devices !== undefined && !engine.takesDevices)
    say(`note: devices in ${file} has no effect with --engine ${name}, which has its own word for them.`);
  engine.check?.(sweep);
  await claimSweepFolder(sweep);
  const byHand = await engine.write(sweep);
  say(`${sweep.trials} trials in ${shownPath(sweep.folder)}, checked.`);
  if (engine.run !== undefined && dryRun !== true) return runHere(sweep, engine.run);
  say(`Run them by: ${byHand}`);
  return exitCode.ok;
}

/** Runs `steppe sweep`. */
export async function sweepCommand(spec: string | undefined, words: SweepWords): Promise<number> {
  const { engine, out, dryRun, show } = words;
  if (show === undefined && spec === undefined)
    throw new CommandError('Say what to try by the name of a file, or --show and the folder of a sweep.');
  if (show === undefined) return start(spec ?? '', engineNamed(engine), words);
  if (spec !== undefined || engine !== undefined || out !== undefined || dryRun !== undefined)
    throw new CommandError('--show takes the folder of a sweep and nothing else.');
  await showSweep(show, widthOf(process.stdout), say);
  return exitCode.ok;
}
