import { percent, plain } from './format.ts';
import { last, type Record } from './record.ts';

const NOTHING = '–';

export type NumbersProps = { readonly record: Record; readonly step: number; readonly surveying: boolean };

/** The latest numbers, which are the key to the colours too. */
export function Numbers({ record, step, surveying }: NumbersProps) {
  const [loss, accuracy, sharpness] = [last(record.smooth), last(record.accuracy), last(record.sharpness)];
  const lambdaMax = last(record.lambdaMax);
  const row = (name: 'sgd' | 'sam', title: string, gradients: number) => (
    <tr>
      <th scope="row">
        <svg class={`key ${name}`} viewBox="0 0 28 8" aria-hidden="true">
          <path d="M1 4h26" />
        </svg>
        {title}
      </th>
      <td>{loss ? plain(loss[name]) : NOTHING}</td>
      <td>{accuracy ? percent(accuracy[name]) : NOTHING}</td>
      <td>{sharpness ? plain(sharpness[name]) : NOTHING}</td>
      {surveying && <td>{lambdaMax ? plain(lambdaMax[name]) : NOTHING}</td>}
      <td>{gradients.toLocaleString('en')}</td>
    </tr>
  );
  return (
    <table class="numbers">
      <thead>
        <tr>
          <td />
          <th scope="col">Loss</th>
          <th scope="col">Test accuracy</th>
          <th scope="col">Sharpness</th>
          {surveying && <th scope="col">λₘₐₓ</th>}
          <th scope="col">Gradients</th>
        </tr>
      </thead>
      <tbody>
        {row('sgd', 'SGD', step)}
        {row('sam', 'SAM', 2 * step)}
      </tbody>
    </table>
  );
}
