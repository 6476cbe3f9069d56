import type { Case } from './case.ts';
import { comparisonCases } from './comparisons.ts';
import { convolutionCases } from './convolutions.ts';
import { elementwiseCases } from './elementwise.ts';
import { matrixCases } from './matrices.ts';
import { movementCases } from './movements.ts';
import { poolCases } from './pools.ts';
import { reductionCases } from './reductions.ts';
import { silentErrorCases } from './silent-errors.ts';

/**
 * Every kernel that training a WideResNet, ResNet, PyramidNet or vision transformer needs, with its gradients, and what
 * backends are known to get wrong in silence. The inputs are small: the JavaScript backend is through in a second.
 */
export const kernelCases: readonly Case[] = [
  ...elementwiseCases,
  ...reductionCases,
  ...matrixCases,
  ...convolutionCases,
  ...poolCases,
  ...movementCases,
  ...comparisonCases,
  ...silentErrorCases,
];
