/* The sum that a convolution and its input gradient both are: every destination gathers taps of the source, each times
 * its piece of the packed filter. */
#ifndef STEPPE_CONV_SUM_H
#define STEPPE_CONV_SUM_H

#include "conv/axis.h"
#include "steppe.h"

typedef struct {
  const float *source, *panels;
  float *destination;
  long images, channels, outputs; /* channels of the source, channels of the destination */
  axis vertical, horizontal;
  const axis_group *rows, *cols;
  long row_groups, col_groups;
  const steppe_conv_fusion *fusion; /* or null */
  float *slots; /* room for the source as `fusion` changes it: conv_slot_floats for each of conv_slots */
  long block_images, block_rows, blocks, parts; /* how conv_sum_run cuts the work */
} conv_sum;

#pragma GCC visibility push(hidden)

/* Sets the cut of the work from the shapes. */
void conv_sum_cut(conv_sum *s);

/* Number and size of the slots; they depend on the cut. */
long conv_slots(const conv_sum *s);
long conv_slot_floats(const conv_sum *s);

/* Writes every destination. */
void conv_sum_run(const conv_sum *s);

/* Floats of a packed filter of `terms` rows and `columns` columns, its columns padded to whole vectors. */
long panels_floats(long terms, long columns);

/* Packs w[kh,kw,c,o] into panels of outputs for the convolution, and of inputs for its gradient. */
void pack_forward(const float *w, const steppe_conv *p, float *panels);
void pack_gradient(const float *w, const steppe_conv *p, const axis *vertical, const axis *horizontal, float *panels);

#pragma GCC visibility pop
#endif
