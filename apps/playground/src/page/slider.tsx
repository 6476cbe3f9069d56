import { useEffect, useState } from 'preact/hooks';

export type SliderProps = {
  readonly label: string;
  readonly hint: string;
  readonly values: readonly number[];
  readonly value: number;
  /** How a value is written. */
  readonly format?: (value: number) => string;
  /** Called when a value is settled on, not while the thumb moves: a change begins a new run. */
  readonly onSettle: (value: number) => void;
};

/** A slider over a list of values; one that is not in the list (an address may name any) joins it. */
export function Slider({ label, hint, values, value, format = String, onSettle }: SliderProps) {
  const [shown, setShown] = useState(value);
  useEffect(() => setShown(value), [value]);
  const stops = [...new Set([...values, value])].sort((a, b) => a - b);
  const at = (event: Event): number => stops[Number((event.currentTarget as HTMLInputElement).value)] ?? value;
  return (
    <label class="slider">
      <span class="label">
        {label} <small>{hint}</small>
      </span>
      {/* Not an output, which the label would take for what it labels. */}
      <span class="value" aria-hidden="true">
        {format(shown)}
      </span>
      <input
        type="range"
        min={0}
        max={stops.length - 1}
        value={stops.indexOf(shown)}
        aria-valuetext={format(shown)}
        onInput={(event) => setShown(at(event))}
        onChange={(event) => onSettle(at(event))}
      />
    </label>
  );
}
