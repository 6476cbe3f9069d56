import { dispose, plus, pure, scaled, sum, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Pass } from './examples.ts';

/** Refuses numbers of a batch that are not finite, with the number of the batch. */
function checkFinite(what: string, number: number, value: number): void {
  if (!Number.isFinite(value))
    throw new Error(
      `The ${what} of batch ${number} is not finite, it sums to ${value}: look for odd examples in it, or for parameters that have diverged.`,
    );
}

/**
 * Averages trees over batches, Σ n_b·x_b / Σ n_b, on the device: the memory of two trees, however many batches.
 *
 * @param what - What is averaged, for messages.
 * @param f - Gives the tree of a batch, a mean over its examples; it runs as a pure function.
 * @returns The mean, the caller's to free.
 * @throws When the tree of a batch holds a NaN or an infinite number, with the number of the batch; nothing is left.
 */
export async function meanTree<Batch extends Tree, T extends Tree>(
  what: string,
  pass: Pass<Batch>,
  f: (batch: Batch, number: number) => T,
): Promise<T> {
  let total: T | undefined;
  try {
    const { examples } = await pass(async (batch, { number, size }) => {
      const next = pure(() => {
        const own = f(batch, number);
        const weighted = scaled(own, size);
        return { probe: sum(own), total: total === undefined ? weighted : plus(weighted, total) };
      });
      dispose(total);
      total = next.total;
      const [probe] = await next.probe.data();
      dispose(next.probe);
      checkFinite(what, number, probe as number);
    });
    return scaled(total as T, 1 / examples);
  } finally {
    dispose(total);
  }
}

/**
 * Averages numbers over batches, Σ n_b·x_b / Σ n_b, in float64 on the host.
 *
 * @param f - Gives named scalars that are means over the batch; it runs as a pure function.
 */
export async function meanNumbers<Batch extends Tree, Name extends string>(
  pass: Pass<Batch>,
  f: (batch: Batch, number: number) => { readonly [name in Name]: Tensor },
): Promise<{ readonly [name in Name]: number }> {
  const totals = new Map<string, number>();
  const { examples } = await pass(async (batch, { number, size }) => {
    const scalars = pure(() => f(batch, number));
    try {
      for (const [name, scalar] of Object.entries<Tensor>(scalars)) {
        const [value] = await scalar.data();
        totals.set(name, (totals.get(name) ?? 0) + size * (value as number));
      }
    } finally {
      dispose(scalars);
    }
  });
  return Object.fromEntries([...totals].map(([name, total]) => [name, total / examples])) as {
    readonly [name in Name]: number;
  };
}
