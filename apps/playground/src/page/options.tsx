import type { ComponentChildren } from 'preact';

export type OptionsProps<Value> = {
  readonly label: string;
  readonly hint?: string;
  readonly name: string;
  readonly options: readonly (readonly [value: Value, text: string])[];
  readonly value: Value;
  readonly onChoose: (value: Value) => void;
  readonly children?: ComponentChildren;
};

/** A row of radio buttons. */
export function Options<Value extends string | number>(props: OptionsProps<Value>) {
  const { label, hint, name, options, value, onChoose, children } = props;
  return (
    <fieldset class="options">
      <legend>
        {label} {hint && <small>{hint}</small>}
      </legend>
      <div class="row">
        {options.map(([option, text]) => (
          <label key={option}>
            <input type="radio" name={name} checked={option === value} onChange={() => onChoose(option)} />
            <span>{text}</span>
          </label>
        ))}
        {children}
      </div>
    </fieldset>
  );
}
