import uPlot from 'uplot';
import { positions } from '../positions.ts';
import { Chart, type Series } from './chart.tsx';
import { percent, plain } from './format.ts';
import { LandscapeFigure } from './landscape-figure.tsx';
import { type Curves, last, type Record } from './record.ts';

/** What x counts. */
export type Axis = 'steps' | 'gradients';

/** Gradients that a step evaluates. */
const cost = { sgd: 1, sam: 2 } as const;

/** Both curves over one x: after as many gradients SAM has made half as many steps. */
function aligned({ steps, sgd, sam }: Curves, axis: Axis): uPlot.AlignedData {
  if (axis === 'steps') return [steps, sgd, sam];
  const times = (factor: number): number[] => steps.map((step) => step * factor);
  return uPlot.join([
    [times(cost.sgd), sgd],
    [times(cost.sam), sam],
  ]);
}

const both: readonly Series[] = [{ color: 'sgd' }, { color: 'sam' }];
const growing = (_: number, most: number): [number, number] => [0, Math.max(most ?? 0, 40)];

const summary = (curves: Curves, format: (value: number) => string): string => {
  const pair = last(curves);
  return pair ? `SGD ${format(pair.sgd)}, SAM ${format(pair.sam)}.` : 'Nothing is measured yet.';
};

/** The two eigenvalues with what they may be off by. */
function eigenvalues({ lambdaMax, bound }: Record): string {
  const pair = last(lambdaMax);
  if (pair === undefined || bound === undefined) return 'Nothing is measured yet.';
  const [sgd, sam] = (['sgd', 'sam'] as const).map((name) => `${plain(pair[name])} ± ${plain(bound[name])}`);
  return `At step ${lambdaMax.steps.at(-1)}: SGD ${sgd}, SAM ${sam}.`;
}

export type ChartsProps = { readonly record: Record; readonly axis: Axis; readonly surveying: boolean };

/** The charts of a run, and the landscape that it goes through. */
export function Charts({ record, axis, surveying }: ChartsProps) {
  const { smooth, accuracy, sharpness, lambdaMax, line, landscape } = record;
  const over = axis === 'steps' ? 'over steps' : 'over gradient evaluations';
  const end = (t: number) => positions.map((at, i) => (at === t ? (line[i] ?? null) : null));
  return (
    <div class={surveying ? 'charts six' : 'charts'}>
      <Chart
        key={`loss-${axis}`}
        title="Training loss"
        note={`mean of ten batches, ${over}`}
        summary={summary(smooth, plain)}
        series={both}
        data={aligned(smooth, axis)}
        range={growing}
        fromZero
      />
      <Chart
        key={`accuracy-${axis}`}
        title="Test accuracy"
        note={`on 500 images with right labels, ${over}`}
        summary={summary(accuracy, percent)}
        series={both}
        data={aligned(accuracy, axis)}
        formatY={(share) => `${Math.round(100 * share)} %`}
        range={growing}
        fromZero
      />
      <Chart
        key={`sharpness-${axis}`}
        title="Sharpness"
        note={`L(w + ε̂) − L(w), ${over}`}
        summary={summary(sharpness, plain)}
        series={both}
        data={aligned(sharpness, axis)}
        range={growing}
        fromZero
      />
      <Chart
        title="From SGD to SAM"
        note="loss between the two weights"
        summary={
          line.length
            ? `From ${plain(line[2] ?? 0)} at SGD to ${plain(line[10] ?? 0)} at SAM.`
            : 'Nothing is measured yet.'
        }
        series={[{ color: 'ink' }, { color: 'sgd', dots: true }, { color: 'sam', dots: true }]}
        data={[[...positions], line.length ? [...line] : positions.map(() => null), end(0), end(1)]}
        formatX={(t) => (t === 0 ? 'SGD' : t === 1 ? 'SAM' : '')}
        range={() => [-0.25, 1.25]}
      />
      {surveying && (
        <>
          <Chart
            key={`lambda-${axis}`}
            title="λₘₐₓ"
            note={`largest eigenvalue of the Hessian, ${over}`}
            summary={eigenvalues(record)}
            series={both}
            data={aligned(lambdaMax, axis)}
            range={growing}
            fromZero
          />
          <LandscapeFigure landscape={landscape} />
        </>
      )}
    </div>
  );
}
