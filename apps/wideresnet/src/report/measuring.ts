import cliProgress from 'cli-progress';
import { print } from './print.ts';
import type { Output } from './progress.ts';

/** Shows how far a command is that measures one thing after another. */
export type Measuring = {
  /** The next one begins. */
  begin(what: string): void;
  /** How much of it is done, from 0 to 1. */
  at(share: number): void;
  /** Prints a line that stays. */
  note(text: string): void;
  stop(): void;
};

/** Parts of one measure that the bar tells apart. */
const parts = 100;

function bar(total: number, stream: Output): Measuring {
  const drawn = new cliProgress.SingleBar(
    {
      format: '{bar} {percentage} % | {what}',
      stream,
      barsize: Math.min(30, Math.max(5, (stream.columns ?? 80) - 60)),
      clearOnComplete: true,
      hideCursor: true,
      gracefulExit: false,
      fps: 10,
    },
    cliProgress.Presets.shades_classic,
  );
  let [begun, done, what] = [0, 0, ''];
  const start = (): void => drawn.start(total * parts, done, { what });
  start();
  const update = (): void => {
    drawn.update(done, { what });
    // The bar draws by a timer, which a pass that computes for seconds would starve.
    drawn.render();
  };
  return {
    begin(next) {
      [done, what] = [begun * parts, next];
      begun += 1;
      update();
    },
    at(share) {
      done = Math.max(done, Math.floor((begun - 1 + Math.min(share, 1)) * parts));
      update();
    },
    note(text) {
      drawn.stop();
      print(stream, text);
      start();
    },
    stop: () => drawn.stop(),
  };
}

function lines(total: number, stream: Output): Measuring {
  let begun = 0;
  const note = (text: string): void => print(stream, text);
  return {
    begin(what) {
      begun += 1;
      note(`${begun}/${total} ${what}`);
    },
    at: () => {},
    note,
    stop: () => {},
  };
}

/** Shows measures on a stream: as a bar on a terminal, else as a line for each. */
export const showMeasuring = (total: number, stream: Output): Measuring =>
  stream.isTTY ? bar(total, stream) : lines(total, stream);
