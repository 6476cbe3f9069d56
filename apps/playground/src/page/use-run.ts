import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { Settings } from '../settings.ts';
import type { Reply, Request } from '../training/messages.ts';
import { addFinding, addMeasurement, addStep, emptyRecord, type Record } from './record.ts';

type Phase = 'idle' | 'loading' | 'running' | 'paused' | 'failed';

/** A run as the page sees it. */
export type Run = {
  readonly phase: Phase;
  readonly record: Record;
  /** Steps made. */
  readonly step: number;
  /** What computes, once it is known. */
  readonly device: string;
  readonly warnings: readonly string[];
  /** What went wrong, in one line. */
  readonly error: string;
  readonly start: () => void;
  readonly pause: () => void;
  readonly reset: () => void;
};

const openWorker = (): Worker => new Worker(new URL('../training/worker.ts', import.meta.url), { type: 'module' });

/** Redraws at most once per frame, or twice a second where motion is unwelcome. */
function useRedraw(): () => void {
  const [, count] = useReducer((n: number) => n + 1, 0);
  const waiting = useRef(false);
  return () => {
    if (waiting.current) return;
    waiting.current = true;
    const draw = (): void => {
      waiting.current = false;
      count(undefined as never);
    };
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) setTimeout(draw, 500);
    else requestAnimationFrame(draw);
  };
}

/**
 * Runs the contest in a worker, and surveys the landscape beside it where that is wanted; other settings begin it anew, and go on if it was running.
 *
 * A worker that failed is ended: a lost graphics device can be had again only by a new one.
 */
export function useRun(settings: Settings, surveying: boolean): Run {
  const worker = useRef<Worker | undefined>(undefined);
  const record = useRef<Record>(emptyRecord());
  const step = useRef(0);
  const number = useRef(0);
  const [phase, setPhase] = useState<Phase>('idle');
  const [device, setDevice] = useState('');
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const [error, setError] = useState('');
  const redraw = useRedraw();

  const send = (request: Request): void => worker.current?.postMessage(request);
  const fail = (message: string): void => {
    worker.current?.terminate();
    worker.current = undefined;
    setError(message);
    setPhase('failed');
  };
  const clear = (): void => {
    // What a run before this one still has to say is no longer heard.
    number.current += 1;
    record.current = emptyRecord();
    step.current = 0;
    setError('');
    setWarnings([]);
  };
  const hear = ({ data }: MessageEvent<Reply>): void => {
    if (data.run !== number.current) return;
    if (data.type === 'failed') fail(data.message);
    if (data.type === 'ready') {
      setDevice(data.device);
      setWarnings(data.warnings);
      setPhase((now) => (now === 'loading' ? 'running' : now));
    }
    if (data.type === 'step') {
      step.current = data.step;
      addStep(record.current, data.step, data.loss, data.milliseconds);
      redraw();
    }
    if (data.type === 'measured') {
      addMeasurement(record.current, data.measurement, data.tensors);
      redraw();
    }
    if (data.type === 'curvature' || data.type === 'landscape') {
      addFinding(record.current, data);
      redraw();
    }
  };
  const begin = (): void => {
    clear();
    if (worker.current === undefined) {
      worker.current = openWorker();
      worker.current.onmessage = hear;
      worker.current.onerror = ({ message }) =>
        fail(`The training worker does not start (${message || 'its script is not served'}): reload the page.`);
    }
    setPhase('loading');
    send({ type: 'survey', on: surveying });
    send({ type: 'prepare', run: number.current, settings, page: new URL('.', document.baseURI).href });
    send({ type: 'go' });
  };
  const reset = (): void => {
    worker.current?.terminate();
    worker.current = undefined;
    clear();
    setPhase('idle');
  };

  useEffect(() => {
    // What was seen of a landscape before is not that of now.
    record.current.landscape = undefined;
    send({ type: 'survey', on: surveying });
  }, [surveying]);

  const { rho, p, m, learningRate, batch, noise, images, seed, backend } = settings;
  useEffect(() => {
    if (phase === 'running' || phase === 'loading') begin();
    else if (phase !== 'idle') reset();
  }, [rho, p, m, learningRate, batch, noise, images, seed, backend]);

  return {
    phase,
    record: record.current,
    step: step.current,
    device,
    warnings,
    error,
    reset,
    start() {
      if (phase !== 'paused') return begin();
      send({ type: 'go' });
      setPhase('running');
    },
    pause() {
      send({ type: 'pause' });
      setPhase('paused');
    },
  };
}
