import { useEffect, useState } from 'preact/hooks';
import { parseSettings, printSettings, type Settings } from '../settings.ts';
import { type Axis, Charts } from './charts.tsx';
import { Controls } from './controls.tsx';
import { Intro } from './intro.tsx';
import { Numbers } from './numbers.tsx';
import { Options } from './options.tsx';
import { pace } from './record.ts';
import { type Run, useRun } from './use-run.ts';

const given = parseSettings(location.search);
const query = new URLSearchParams(location.search);
const givenAxis: Axis = query.get('x') === 'gradients' ? 'gradients' : 'steps';
const givenSurvey = query.get('landscape') ?? 'on';
const surveyProblems = ['on', 'off'].includes(givenSurvey)
  ? []
  : [`landscape must be on or off, got ${givenSurvey || 'nothing'}: on is used.`];

/** What is said aloud when it changes: never each step. */
const statusOf = ({ phase, step, device }: Run): string =>
  ({
    idle: 'Ready.',
    loading: 'Loading images and starting the device …',
    running: `Running on ${device}.`,
    paused: `Paused at step ${step}.`,
    failed: '',
  })[phase];

/** The page. */
export function App() {
  const [settings, setSettings] = useState<Settings>(given.settings);
  const [problems, setProblems] = useState([...given.problems, ...surveyProblems]);
  const [axis, setAxis] = useState<Axis>(givenAxis);
  const [surveying, setSurveying] = useState(givenSurvey !== 'off');
  const run = useRun(settings, surveying);
  const { phase, record, step, warnings, error } = run;
  const going = phase === 'running' || phase === 'loading';

  useEffect(() => {
    history.replaceState(null, '', `${printSettings(settings)}&x=${axis}&landscape=${surveying ? 'on' : 'off'}`);
  }, [settings, axis, surveying]);

  const change = (part: Partial<Settings>): void => {
    setProblems([]);
    setSettings((before) => ({ ...before, ...part }));
  };

  return (
    <>
      <Intro noise={settings.noise} />
      <main>
        <section class="side" aria-label="Controls">
          <div class="actions">
            <button type="button" class="primary" onClick={going ? run.pause : run.start}>
              {going ? 'Pause' : phase === 'paused' ? 'Resume' : 'Start'}
            </button>
            <button type="button" onClick={run.reset} disabled={phase === 'idle'}>
              Reset
            </button>
          </div>
          <p class="status" role="status">
            {statusOf(run)}
          </p>
          <p class="alert" role="alert">
            {[error, ...problems].join(' ').trim()}
          </p>
          {warnings.length > 0 && <p class="status">{warnings.join(' ')}</p>}
          <Controls settings={settings} change={change} />
        </section>
        <section class="results" aria-label="Results">
          <div class="head">
            <Numbers record={record} step={step} surveying={surveying} />
            <Options<Axis>
              label="Horizontal axis"
              name="axis"
              options={[
                ['steps', 'Steps'],
                ['gradients', 'Gradients'],
              ]}
              value={axis}
              onChoose={setAxis}
            />
            <Options<'on' | 'off'>
              label="Landscape and λₘₐₓ"
              name="landscape"
              options={[
                ['on', 'On'],
                ['off', 'Off'],
              ]}
              value={surveying ? 'on' : 'off'}
              onChoose={(choice) => setSurveying(choice === 'on')}
            />
          </div>
          <Charts record={record} axis={axis} surveying={surveying} />
          <p class="foot">
            Step {step.toLocaleString('en')}
            {step > 0 && ` · ${Math.round(pace(record))} ms for both`}
            {record.tensors > 0 && ` · ${record.tensors} tensors held`}
          </p>
        </section>
      </main>
    </>
  );
}
