import type { Numbers } from '../program.ts';
import { at, type References, spread, tabulate } from './array.ts';

export const normReferences: References = {
  batchNorm: (
    x: Numbers,
    mean: Numbers,
    variance: Numbers,
    offset?: Numbers,
    scale?: Numbers,
    epsilon: number | undefined = 0.001,
  ) =>
    tabulate(x.shape, 'float32', (index) => {
      const normal = (at(x, ...index) - spread(mean, index)) / Math.sqrt(spread(variance, index) + epsilon);
      return normal * (scale ? spread(scale, index) : 1) + (offset ? spread(offset, index) : 0);
    }),
  localResponseNormalization: (x: Numbers, radius = 5, bias = 1, alpha = 1, beta = 0.5) =>
    tabulate(x.shape, 'float32', (index) => {
      const channel = index.at(-1) as number;
      let total = 0;
      const last = Math.min((x.shape.at(-1) as number) - 1, channel + radius);
      for (let k = Math.max(0, channel - radius); k <= last; k++) total += at(x, ...index.slice(0, -1), k) ** 2;
      return at(x, ...index) * (bias + alpha * total) ** -beta;
    }),
};
