import type { JSX } from 'preact';
import type { Problem } from '../run.ts';

/** The files that cannot be shown, or not all of them, with the reason. */
export function Problems({ problems }: { readonly problems: readonly Problem[] }): JSX.Element | null {
  if (problems.length === 0) return null;
  return (
    <section class="problems" aria-labelledby="problems">
      <h2 id="problems">Left out</h2>
      <ul>
        {problems.map(({ file, why }) => (
          <li key={`${file} ${why}`}>
            <code>{file}</code> {why}
          </li>
        ))}
      </ul>
    </section>
  );
}
