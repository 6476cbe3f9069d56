/* What a convolution and its filter's gradient read: x, or what its fusion makes of x on the way. */
#ifndef STEPPE_CONV_CHANGED_H
#define STEPPE_CONV_CHANGED_H

#include <math.h>

#include "steppe.h"
#include "vector/vec.h"

/* max(x * scale + shift, floor); without a scale max(x, floor). The floor is that of relu, 0, or none. */
typedef struct {
  const float *scale, *shift;
  vf floor;
} conv_in;

/* What is made of the channels from `channel` on. */
static inline conv_in conv_in_of(const steppe_conv_fusion *f, long channel) {
  const int scales = f && f->in_scale;
  return (conv_in){scales ? f->in_scale + channel : 0, scales ? f->in_shift + channel : 0,
                   splat(f && f->in_relu ? 0 : -INFINITY)};
}

static inline int conv_in_changes(const steppe_conv_fusion *f) { return f && (f->in_scale || f->in_relu); }

/* max(x, floor) with the bits of the kernel Relu: NaN stays, and -0 becomes 0. */
static inline vf floored(vf x, vf floor) { return choose((x > floor) | (x != x), x, floor); }

/* The channels of one pixel. */
static inline void copy_changed(float *RESTRICT to, const float *RESTRICT from, conv_in in, long channels) {
  long c = 0;
  for (; c + VL <= channels; c += VL) {
    vf x = load(from + c);
    if (in.scale) x = x * load(in.scale + c) + load(in.shift + c);
    store(to + c, floored(x, in.floor));
  }
  for (; c < channels; c++) {
    const float x = in.scale ? from[c] * in.scale[c] + in.shift[c] : from[c];
    to[c] = x > in.floor[0] || x != x ? x : in.floor[0];
  }
}

#endif
