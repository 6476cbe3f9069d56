import type { Argument } from '../program.ts';
import type { References, Result } from './array.ts';
import { blockReferences } from './blocks.ts';
import { convolutionReferences } from './convolutions.ts';
import { elementwiseReferences } from './elementwise.ts';
import { fusedReferences } from './fused.ts';
import { imageReferences } from './images.ts';
import { matrixReferences } from './matrices.ts';
import { movementReferences } from './movements.ts';
import { normReferences } from './norms.ts';
import { poolReferences } from './pools.ts';
import { reductionReferences } from './reductions.ts';
import { rowReferences } from './rows.ts';

/** Operations of TensorFlow by their names in tfjs, independent of tfjs and of its backends. */
const all: References = {
  ...elementwiseReferences,
  ...reductionReferences,
  ...convolutionReferences,
  ...poolReferences,
  ...matrixReferences,
  ...movementReferences,
  ...blockReferences,
  ...rowReferences,
  ...imageReferences,
  ...normReferences,
  ...fusedReferences,
};

type Reference = (...args: readonly Argument[]) => Result;

export const references = all as { readonly [call: string]: Reference | undefined };
