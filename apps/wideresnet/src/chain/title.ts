import { cheapSam } from './cheap-sam.ts';
import { curvatureSam } from './curvature-sam.ts';
import { sam } from './sam.ts';
import type { WrittenChain } from './written.ts';

const methods: ReadonlySet<string> = new Set(Object.keys({ ...sam, ...cheapSam, ...curvatureSam }));

/** What a run with a chain is called: the relatives of SAM that stand in it, else a chain. */
export function titleOfChain(chain: WrittenChain): string {
  const found = chain.flatMap((link) => Object.keys(link)).filter((name) => methods.has(name));
  return found.length === 0 ? 'chain' : found.join(' + ');
}
