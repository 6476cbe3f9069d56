import type { JSX } from 'preact';
import type { Look } from './colors.ts';

/** A piece of a run's curve, as a chart draws it; without a look, of a run that is not shown. */
export function Key({ look }: { readonly look: Look | undefined }): JSX.Element {
  return (
    <svg class="key" viewBox="0 0 28 8" aria-hidden="true">
      {look && <path d="M1 4h26" style={{ stroke: `var(${look.color})`, strokeDasharray: look.dash.join(' ') }} />}
    </svg>
  );
}
