/* The gradient of a convolution with respect to its filter: a sum over all positions of products of x and dy. */
#ifndef STEPPE_CONV_GRAD_H
#define STEPPE_CONV_GRAD_H

#include "steppe.h"

/* The work is cut twice, by shape alone: the filter into regions (a slice of input channels by a panel of outputs, all
 * taps) and the positions into parts. Every part of every region is summed in a partial result of its own; these are
 * then added in the order of the parts, so that the number of threads does not show in the sum. A task is one part for
 * the regions of a few panels, which share its copy of x. */
typedef struct {
  steppe_conv p;
  const float *x, *dy;
  const steppe_conv_fusion *fusion; /* or null */
  float *dw, *partials, *slots;
  long slice, slices, panels, together, parts;
  long block_images, block_rows, blocks;
  int joined; /* neighbouring taps are neighbouring floats: one run of kw * c rows, from a copy of x with a border */
  int copy_x, copy_dy;
  long x_width; /* of a row of x, in pixels, as tiles read it */
} filter_grad;

#pragma GCC visibility push(hidden)

long filter_grad_scratch(const steppe_conv *p);
/* With `changes_x`, room for copies of x, which is changed on the way. */
filter_grad filter_grad_cut(const steppe_conv *p, int changes_x);
/* Floats of one partial result: a region, columns padded to whole vectors. */
long filter_grad_partial(const filter_grad *g);
/* Floats that a task copies pieces of x and dy to. */
long filter_grad_slot(const filter_grad *g);
long filter_grad_tasks(const filter_grad *g);
void filter_grad_task(void *g, long begin, long end);

/* Output rows [from, to) or columns that tap k meets. */
typedef struct {
  long from, to;
} filter_range;
filter_range filter_reach(long size, long out, long stride, long dilation, long pad, long k);

#pragma GCC visibility pop
#endif
