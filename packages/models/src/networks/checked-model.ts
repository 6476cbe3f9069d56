import { checkRecord, refusal } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import { checkKey, checkShape, checkTensor, IMAGES } from '../checks.ts';
import type { Model } from './model.ts';

/**
 * Makes a network refuse what is no key, no size of images, no images and no tree of its own, in one line and before a
 * tensor is made.
 */
export function checkedModel<Params extends Tree, State extends Tree>(
  model: Model<Params, State>,
): Model<Params, State> {
  return {
    init: (key, shape) => {
      checkKey(key);
      checkShape('inputShape', shape, ['height', 'width', 'channels']);
      return model.init(key, shape);
    },
    apply: (params, state, images, options) => {
      checkRecord('params', params);
      checkTensor('images', images, IMAGES);
      if (images.size === 0) throw refusal('images', 'one at least', `[${images.shape}]`);
      try {
        return model.apply(params, state, images, options);
      } catch (cause) {
        // A part of a tree that is not there: looking at each before every step would cost more than it tells.
        if (!(cause instanceof TypeError)) throw cause;
        throw new Error(
          'params and state are not those of this network: pass what its init gave, or what was made of that.',
          { cause },
        );
      }
    },
  };
}
