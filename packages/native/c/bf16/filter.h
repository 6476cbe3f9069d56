/* The filter of a convolution as tiles of bfloat16, and the list of what its taps read. */
#ifndef STEPPE_BF16_FILTER_H
#define STEPPE_BF16_FILTER_H

#include "bf16/grid.h"

/* Taps whose terms follow each other in the source are joined to one run; then a few channels fill a tile. */
typedef struct {
  steppe_conv p;
  int gradient, joined;
  long channels, outputs; /* summed over, and written */
  long pixel;             /* elements of a position, zeros included */
  bf16_cut cut;           /* of a run */
  long runs, run_taps;
  long panel; /* elements of a panel of BF16_BLOCK outputs */
  long panels, rest;
  long products_packed; /* 2 where rests are packed too */
  bf16 *tiles;
  bf16_step *steps; /* of each plane of the destination: room for `plane_steps`, of which `counts` are there */
  long *counts;
  long planes, plane_steps;
} bf16_filter;

/* Elements from row to row of a plane, from plane to plane, and to the rests. */
typedef struct {
  long row, plane, rest;
} bf16_layout;

#pragma GCC visibility push(hidden)

bf16_filter bf16_filter_of(const steppe_conv *p, int gradient);
/* Gives the filter its part of scratch. */
void bf16_filter_lay_out(bf16_filter *f, intptr_t *scratch);
void bf16_filter_pack(const bf16_filter *f, const float *w);
void bf16_filter_list(const bf16_filter *f, const bf16_axis *vertical, const bf16_axis *horizontal, bf16_layout at);
bf16_sum bf16_filter_sum(const bf16_filter *f, long plane);

#pragma GCC visibility pop
#endif
