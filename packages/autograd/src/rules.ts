import '#gradients';
import type { GradConfig } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { batchNormRule } from './batch-norm-rule.ts';
import { convolutionRules } from './convolution-rules.ts';
import { dilationRule } from './dilation-rule.ts';
import { einsumRule } from './einsum-rule.ts';
import { elementwiseRules } from './elementwise-rules.ts';
import { indexRules } from './index-rules.ts';
import { mirrorRule } from './mirror-rule.ts';
import { movementRules } from './movement-rules.ts';
import { poolRules } from './pool-rule.ts';
import { productRules } from './product-rules.ts';
import { reductionRules } from './reduction-rules.ts';
import { resizeRules } from './resize-rules.ts';

/** The gradients that tfjs lacks or has wrong, all differentiable again. */
const RULES: readonly GradConfig[] = [
  ...[...elementwiseRules, ...reductionRules, ...productRules, ...movementRules, ...indexRules],
  ...[...convolutionRules, ...poolRules, ...resizeRules, batchNormRule, einsumRule, mirrorRule, dilationRule],
];

/** The kernels without a gradient in tfjs: one that is there before ours is another module's, and stays. */
export const WITHOUT: ReadonlySet<string> = new Set(
  `
  AvgPool3DGrad AvgPoolGrad Conv2DBackpropFilter Conv3DBackpropFilterV2 Conv3DBackpropInputV2 Cumprod DepthToSpace
  DepthwiseConv2dNativeBackpropFilter DepthwiseConv2dNativeBackpropInput Diag Einsum EluGrad FlipLeftRight GatherNd
  MaxPool3DGrad MaxPoolGrad ScatterNd StridedSlice TensorScatterUpdate TopK
  `
    .trim()
    .split(/\s+/),
);

const gradientsOf = (names: readonly string[]) => new Map(names.map((name) => [name, tf.getGradient(name)]));

/** Gradients of everyday operations that stay tfjs's. When all of them are others than before, tfjs has registered its
 * whole set again. */
const EVERYDAY = [tf.Add, tf.Multiply, tf.Reshape, tf.Cast, tf.Identity];
const names = RULES.map(({ kernelName }) => kernelName).filter((name) => !WITHOUT.has(name));
const stockNow = () => gradientsOf([...names, ...EVERYDAY]);

let stock = stockNow();
let registered = false;

/**
 * Registers the gradients that tfjs lacks or has wrong; one that another module has brought stays.
 *
 * In Node, `@tensorflow/tfjs` registers its own copy of tfjs's gradients over those that are there: when it is imported
 * after this package, the wrong ones are back, and are corrected again.
 */
export function registerRules(): void {
  const again = EVERYDAY.every((name) => tf.getGradient(name) !== stock.get(name));
  if (registered && !again) return;
  if (again) stock = stockNow();
  registered = true;
  for (const config of RULES) {
    const { kernelName } = config;
    const present = tf.getGradient(kernelName);
    if (present !== stock.get(kernelName)) continue;
    // tfjs warns about a rule that replaces another, unless that one is gone.
    if (present !== undefined) tf.unregisterGradient(kernelName);
    tf.registerGradient(config);
  }
}
