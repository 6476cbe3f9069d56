import type { JSX } from 'preact';

export type OptionsProps<Value extends string> = {
  readonly label: string;
  readonly options: readonly (readonly [value: Value, label: string])[];
  readonly value: Value;
  readonly choose: (value: Value) => void;
};

/** One of a few, as radio buttons that look like one bar. */
export function Options<Value extends string>({ label, options, value, choose }: OptionsProps<Value>): JSX.Element {
  return (
    <fieldset class="options">
      <legend>{label}</legend>
      {options.map(([option, text]) => (
        <label key={option}>
          <input type="radio" name={label} checked={option === value} onChange={() => choose(option)} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
