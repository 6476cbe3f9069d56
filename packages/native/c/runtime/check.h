/* What the functions of steppe.h ask of their arguments before they touch memory: one predicate for each kind of
 * thing. */
#ifndef STEPPE_CHECK_H
#define STEPPE_CHECK_H

#include <stdint.h>

#include "steppe.h"

/* Leaves a function of steppe.h that was called with what it cannot compute. */
#define REQUIRE(condition)                       \
  do {                                           \
    if (!(condition)) return STEPPE_UNSUPPORTED; \
  } while (0)

/* Whether extents are those of a tensor: none is negative, and those that are not 0 multiply to `most` at most, so that
 * the product of any of them fits, in any order. */
static inline int extents_fit(const long *extents, int count, long most) {
  long product = 1;
  for (int i = 0; i < count; i++) {
    if (extents[i] < 0 || extents[i] > most) return 0;
    if (extents[i] && __builtin_mul_overflow(product, extents[i], &product)) return 0;
    if (product > most) return 0;
  }
  return 1;
}
#define EXTENTS(most, ...) \
  extents_fit((const long[]){__VA_ARGS__}, sizeof((const long[]){__VA_ARGS__}) / sizeof(long), most)

/* The extents of a tensor of elements, and of one of bytes. */
#define FITS(...) EXTENTS(STEPPE_MOST_ELEMENTS, __VA_ARGS__)
#define FITS_BYTES(...) EXTENTS(4L * STEPPE_MOST_ELEMENTS, __VA_ARGS__)

/* Whether all pointers point somewhere. */
static inline int all_there(const void *const *pointers, int count) {
  for (int i = 0; i < count; i++)
    if (!pointers[i]) return 0;
  return 1;
}
#define THERE(...) \
  all_there((const void *const[]){__VA_ARGS__}, sizeof((const void *const[]){__VA_ARGS__}) / sizeof(void *))

static inline int is_type(int type) { return type >= STEPPE_FLOAT32 && type <= STEPPE_BOOL; }

static inline int is_precision(int precision) { return precision >= STEPPE_HIGHEST && precision <= STEPPE_DEFAULT; }

/* Whether no element of a block of `shape` with these strides, 0 in `shape` aside, is further than a tensor's size from
 * the first. */
static inline int strides_fit(int rank, const int *shape, const int *strides) {
  long reach = 0;
  for (int d = 0; d < rank; d++) {
    const long step = strides[d] < 0 ? -(long)strides[d] : strides[d];
    if (shape[d] < 0 || (shape[d] && (shape[d] - 1L) * step > STEPPE_MOST_ELEMENTS - reach)) return 0;
    if (shape[d]) reach += (shape[d] - 1L) * step;
  }
  return reach < STEPPE_MOST_ELEMENTS;
}

/* Elements of a block of `shape`, or -1 where they are too many or an extent is negative. */
static inline long elements_of(int rank, const int *shape) {
  long count = 1, empty = 0;
  for (int d = 0; d < rank; d++) {
    if (shape[d] < 0) return -1;
    if (shape[d] == 0) empty = 1;
    else if (count <= STEPPE_MOST_ELEMENTS) count *= shape[d];
  }
  return empty ? 0 : count <= STEPPE_MOST_ELEMENTS ? count : -1;
}

/* Whether a window fits its image along one axis: `reach` becomes the extent of the image with its border. */
static inline int axis_fits(long in, long taps, long out, long stride, long dilation, long pad, long *reach) {
  if (in < 0 || taps < 0 || out < 0 || stride < 1 || dilation < 1 || pad < 0) return 0;
  const long image = in + pad, windows = out && taps ? (out - 1) * stride + (taps - 1) * dilation + 1 : 0;
  *reach = image > windows ? image : windows;
  return *reach <= STEPPE_MOST_ELEMENTS;
}

/* Whether x, y, and the image with its border can be tensors. The weights are the caller's to check. */
static inline int windows_fit(const steppe_conv *p) {
  long height, width;
  if (!p || !axis_fits(p->h, p->kh, p->oh, p->stride_h, p->dilation_h, p->pad_top, &height) ||
      !axis_fits(p->w, p->kw, p->ow, p->stride_w, p->dilation_w, p->pad_left, &width))
    return 0;
  return FITS(p->n, p->h, p->w, p->c) && FITS(p->n, p->oh, p->ow, p->o) && FITS(p->n, height, width, p->c) &&
         FITS(p->n, height, width, p->o) && FITS(p->kh, p->kw);
}

#endif
