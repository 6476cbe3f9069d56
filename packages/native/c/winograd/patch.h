/* Patches of an image in the basis of winograd.h, for a convolution and for its filter's gradient. */
#ifndef STEPPE_WINOGRAD_PATCH_H
#define STEPPE_WINOGRAD_PATCH_H

#include "conv/changed.h"
#include "winograd/transform.h"

/* Where the 16 pixels of a patch are; those outside of the image point to zeros, and stay there as channels go by. */
typedef struct {
  const float *pixel[PATCH];
  long inside[PATCH], whole; /* 1 or 0: each of them, and all */
  vi mask[PATCH];            /* of those inside */
} patch_pixels;

/* The patch whose first pixel is at `top` and `left` of an image, whose pixels are `pitch` floats apart. */
static inline patch_pixels patch_at(const float *image, long height, long width, long pitch, long top, long left) {
  static const float zeros[VL];
  patch_pixels p = {.whole = 1};
  for (int i = 0; i < PATCH; i++) {
    const long row = top + i / 4, col = left + i % 4;
    p.inside[i] = row >= 0 && row < height && col >= 0 && col < width;
    p.whole &= p.inside[i];
    p.mask[i] = (vi){0} - (int32_t)p.inside[i];
    p.pixel[i] = p.inside[i] ? image + (row * width + col) * pitch : zeros;
  }
  return p;
}

/* `changes` and `is_whole` are constants where this is called: then the loop has no conditions. */
static inline __attribute__((always_inline)) void patch_to_basis(const patch_pixels *p, conv_in in, int changes,
                                                                 int is_whole, long channels, float *to, long step) {
  for (long c = 0; c < channels; c += VL) {
    vf d[PATCH], v[PATCH];
    const vf scale = in.scale ? load(in.scale + c) : splat(1), shift = in.scale ? load(in.shift + c) : splat(-0.0f);
    UNROLL for (int i = 0; i < PATCH; i++) {
      d[i] = load(p->pixel[i] + c * p->inside[i]);
      if (changes) d[i] = floored(d[i] * scale + shift, in.floor);
      /* The border is zeros as they are, not zeros changed. */
      if (changes && !is_whole) d[i] = choose(p->mask[i], d[i], splat(0));
    }
    to_basis(d, v);
    UNROLL for (int i = 0; i < PATCH; i++) store(to + i * step + c, v[i]);
  }
}

/* Writes a patch in the other basis, `step` floats from one of its elements to the next. */
static inline void read_patch(const patch_pixels *p, conv_in in, int changes, long channels, float *to, long step) {
  if (!changes) patch_to_basis(p, in, 0, 1, channels, to, step);
  else if (p->whole) patch_to_basis(p, in, 1, 1, channels, to, step);
  else patch_to_basis(p, in, 1, 0, channels, to, step);
}

#endif
