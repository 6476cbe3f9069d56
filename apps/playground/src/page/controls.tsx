import { useState } from 'preact/hooks';
import { euclideanRadius, radiusFor } from '../radius.ts';
import { type Backend, choices, type Settings } from '../settings.ts';
import { exponent } from './format.ts';
import { Options } from './options.tsx';
import { Slider } from './slider.tsx';

const norms = [1, 2, Number.POSITIVE_INFINITY] as const;

export type ControlsProps = {
  readonly settings: Settings;
  readonly change: (change: Partial<Settings>) => void;
};

/** The norm: three that have names, or any from 1 up. */
function Norm({ settings: { rho, p }, change }: ControlsProps) {
  const named = (norms as readonly number[]).includes(p);
  const [other, setOther] = useState(!named);
  const [number, setNumber] = useState(named ? '4' : String(p));
  // The radius comes along: the same number would be a ball of quite another size.
  const choose = (norm: number): void => change({ p: norm, rho: radiusFor(rho, p, norm) });
  const settle = (text: string): void => {
    setNumber(text);
    if (Number(text) >= 1) choose(Number(text));
  };
  return (
    <Options
      label="p"
      hint="norm of the ball"
      name="p"
      options={[...norms.map((norm) => [String(norm), exponent(norm)] as const), ['other', 'other']]}
      value={other ? 'other' : String(p)}
      onChoose={(chosen) => {
        setOther(chosen === 'other');
        if (chosen === 'other') settle(number);
        else choose(Number(chosen));
      }}
    >
      {other && (
        <input
          type="number"
          aria-label="p, at least 1"
          min={1}
          step="any"
          value={number}
          onChange={(event) => settle(event.currentTarget.value)}
        />
      )}
    </Options>
  );
}

/** A radius is measured in its norm, so that one number is a small ball in one and a huge one in another. */
const radiusHint = (rho: number, p: number): string =>
  p === 2 ? 'radius of the ball' : `radius; about ${euclideanRadius(rho, p)} for p = 2`;

/** All that decides a run. */
export function Controls({ settings, change }: ControlsProps) {
  const { rho, p, m, learningRate, batch, noise, images, seed, backend } = settings;
  return (
    <details class="controls" open={matchMedia('(min-width: 60rem)').matches}>
      <summary>Settings</summary>
      <Slider
        label="Wrong labels"
        hint="share of the training labels"
        values={choices.noise}
        value={noise}
        format={(share) => `${Math.round(100 * share)} %`}
        onSettle={(value) => change({ noise: value })}
      />
      <Slider
        label="Images"
        hint="to train on"
        values={choices.images}
        value={images}
        onSettle={(value) => change({ images: value })}
      />
      <Slider
        label="ρ"
        hint={radiusHint(rho, p)}
        values={choices.rho}
        value={rho}
        onSettle={(value) => change({ rho: value })}
      />
      <Norm settings={settings} change={change} />
      <Slider
        label="m"
        hint="images that share one ε̂"
        values={choices.m.filter((value) => value <= batch)}
        value={m}
        onSettle={(value) => change({ m: value })}
      />
      <Slider
        label="Batch"
        hint="images per step"
        values={choices.batch}
        value={batch}
        onSettle={(value) => change({ batch: value, m: m === batch ? value : Math.min(m, value) })}
      />
      <Slider
        label="Learning rate"
        hint="of both"
        values={choices.learningRate}
        value={learningRate}
        onSettle={(value) => change({ learningRate: value })}
      />
      <Options<Backend>
        label="Device"
        name="backend"
        options={[
          ['auto', 'Auto'],
          ['webgpu', 'WebGPU'],
          ['wasm', 'WASM'],
        ]}
        value={backend}
        onChoose={(value) => change({ backend: value })}
      />
      <label class="seed">
        <span class="label">
          Seed <small>of all chance</small>
        </span>
        <input
          type="number"
          min={0}
          max={2 ** 32 - 1}
          step={1}
          value={seed}
          onChange={({ currentTarget }) => {
            if (currentTarget.value !== '' && currentTarget.validity.valid)
              change({ seed: Number(currentTarget.value) });
            else currentTarget.value = String(seed);
          }}
        />
      </label>
    </details>
  );
}
