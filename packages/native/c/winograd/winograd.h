/* Convolutions of 3x3 taps, stride 1, with 16 instead of 36 products for four neighbouring results.
 *
 * F(2x2, 3x3) of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), section 4.1: patches of
 * 4x4 of the source and the filter are taken to a basis in which the convolution is a product, element by element: 16
 * matrix products over the channels. The transformations only add and halve, so the result is about as accurate as the
 * plain sum's. */
#ifndef STEPPE_WINOGRAD_H
#define STEPPE_WINOGRAD_H

#include "steppe.h"

#define PATCH 16 /* elements of a patch, in either basis */

/* destination[i] = sum over 3x3 taps k of source[i + k - pad] * filter[k]. */
typedef struct {
  const float *source;
  float *destination;
  long images, height, width, channels; /* of the source */
  long rows, cols, outputs;             /* of the destination */
  long pad_top, pad_left;
  const steppe_conv_fusion *fusion; /* or null */
  const float *panels;              /* the filter as packed for a plain convolution */
  float *filter, *slots;            /* room for the filter in the other basis, and for the tasks' patches */
  long down, across, patches;       /* patches of an image, and of all */
  /* how winograd_run cuts the work: patches of a block, blocks, parts of the outputs, and slots */
  long block, blocks, parts, slot_count;
  int stages; /* or by winograd_run_stages */
} winograd;

#pragma GCC visibility push(hidden)

/* Whether a window has these taps and steps. */
static inline int winograd_taps(const steppe_conv *p) {
  return p->kh == 3 && p->kw == 3 && p->stride_h == 1 && p->stride_w == 1 && p->dilation_h == 1 && p->dilation_w == 1;
}

/* Whether at most a quarter of the results computed hang over the edge, which is work for nothing: 15 of 64 for 7x7. */
static inline int winograd_fills(const steppe_conv *p) {
  const long used = (long)p->oh * p->ow, computed = ((p->oh + 1L) / 2 * 2) * ((p->ow + 1L) / 2 * 2);
  return p->h > 0 && p->w > 0 && used * 4 >= computed * 3 && used >= 16;
}

/* Whether the convolution is one of these, and wide enough to gain. */
int winograd_fits(const steppe_conv *p);

/* The shapes and the cut of the work, for a convolution or its input gradient. */
winograd winograd_forward(const steppe_conv *p);
winograd winograd_gradient(const steppe_conv *p);

long winograd_filter_floats(const winograd *g);
long winograd_slots_floats(const winograd *g);

void winograd_run(const winograd *g);

/* The filter of one panel in the other basis: 16 matrices of channels * width. */
void winograd_filter(const winograd *g);

/* products[patch][0 .. vectors*VL) = patches[patch] * filter, for one element of the basis. */
void winograd_multiply(const winograd *g, const float *patches, const float *filter, int vectors, long count,
                       float *products);

/* stages.c: whether it pays when a block of so many patches would stay in the cache, its room, and the run. */
int winograd_stages_pay(const winograd *g, long block);
long winograd_staged_floats(const winograd *g);
void winograd_run_stages(const winograd *g);

/* Patches [first, last) of the source in the other basis, `step` floats from one element of the basis to the next. */
void winograd_read(const winograd *g, long first, long last, float *to, long step);

/* Results of patches [first, last) for outputs o to o + width, from the products. */
void winograd_write(const winograd *g, long first, long last, long o, long width, const float *from, long step);

#pragma GCC visibility pop
#endif
