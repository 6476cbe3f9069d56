/* How the sums of a filter's gradient are cut into tasks, and which tiles meet in them. */
#ifndef STEPPE_BF16_FILTER_SUM_H
#define STEPPE_BF16_FILTER_SUM_H

#include "bf16/grid.h"

/* A unit of the work is some rows of a group of images; a task sums some units for a slice of channels. */
typedef struct {
  steppe_conv p;
  bf16_axis vertical, horizontal, identity_v, identity_h;
  long group, groups, rows, row_blocks, units; /* images of a group; rows of dy in a unit */
  long cols, x_blocks, dy_terms;
  long taps, planes, parts_packed;
  long c_slice, o_slice, c_slices, o_slices, parts, partial, tasks, slots;
  long x_part, dy_part; /* elements of a slot, without rests */
  long list;            /* steps of a tap in one of the row blocks */
  const float *x_source, *dy_source;
  bf16 *x, *dy;
  const float **terms;
  float *partials, *dw;
  bf16_step *steps;
  long *counts;
} filter_sum;

#pragma GCC visibility push(hidden)

filter_sum filter_sum_of(const steppe_conv *p);

/* Splits scratch; returns its end. */
intptr_t filter_sum_lay_out(filter_sum *s, intptr_t scratch);

/* Lists for each tap and block of rows which tiles of x meet which of dy. */
void filter_sum_list(const filter_sum *s);

#pragma GCC visibility pop
#endif
