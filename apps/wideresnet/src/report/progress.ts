import type { StepRecord } from '@steppe/train';
import cliProgress from 'cli-progress';
import type { Plan } from '../run/plan.ts';
import { duration, grouped, percent } from './format.ts';
import { follow } from './pace.ts';
import { print } from './print.ts';

/** Shows how far a run is. */
export type Progress = {
  step(line: StepRecord): void;
  /** Lets others write, with the bar out of their way. */
  aside(write: () => void): void;
  /** Takes the bar away. */
  stop(): void;
};

/** Where text goes: a terminal says so. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Seconds between two lines where there is no terminal to draw a bar on. */
const pause = 5;

function fields(plan: Plan): (line: StepRecord) => Readonly<Record<string, string>> {
  const pace = follow(plan);
  return (line) => {
    const { epoch, loss, accuracy, imagesPerSecond, secondsLeft } = pace(line);
    return {
      epoch,
      loss,
      accuracy: percent(accuracy, 1),
      speed: grouped(Math.round(imagesPerSecond)),
      left: duration(secondsLeft),
    };
  };
}

function bar(plan: Plan, stream: Output): Progress {
  const describe = fields(plan);
  // What matters most comes first: a narrow terminal cuts the line off.
  const format = `${plan.name} {bar} {percentage} % | {left} left | loss {loss} | accuracy {accuracy} | {speed} images/s | epoch {epoch}`;
  const barsize = Math.min(30, Math.max(5, (stream.columns ?? 80) - 90));
  const unknown = { epoch: `1/${plan.epochs}`, loss: '?', accuracy: '?', speed: '?', left: 'unknown' };
  const drawn = new cliProgress.SingleBar(
    { format, stream, barsize, clearOnComplete: true, hideCursor: true, gracefulExit: false, fps: 10 },
    cliProgress.Presets.shades_classic,
  );
  let current: Readonly<Record<string, string>> = unknown;
  let done = 0;
  const start = (): void => drawn.start(plan.steps, done, current);
  start();
  return {
    step(line) {
      done = line.step;
      current = describe(line);
      drawn.update(done, current);
      // The bar draws by a timer, which a step that computes for seconds would starve.
      drawn.render();
    },
    aside(write) {
      drawn.stop();
      write();
      if (done < plan.steps) start();
    },
    stop: () => drawn.stop(),
  };
}

function lines(plan: Plan, write: (text: string) => void): Progress {
  const describe = fields(plan);
  let last = Number.NEGATIVE_INFINITY;
  return {
    step(line) {
      const { epoch, loss, accuracy, speed, left } = describe(line);
      if (line.seconds - last < pause) return;
      last = line.seconds;
      write(
        `${plan.name} step ${line.step}/${plan.steps} | epoch ${epoch} | loss ${loss} | accuracy ${accuracy} | ${speed} images/s | ${left} left`,
      );
    },
    aside: (others) => others(),
    stop: () => {},
  };
}

/** Shows a run on a stream: as a bar on a terminal, else as a line every few seconds. */
export function showProgress(plan: Plan, stream: Output): Progress {
  return stream.isTTY ? bar(plan, stream) : lines(plan, (text) => print(stream, text));
}
