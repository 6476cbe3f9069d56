/* Register tiles: the innermost loops of convolutions and matrix products.
 *
 * A tile is a block of `height` rows by `vectors` vectors of a result that stays in registers while the terms of its
 * sum go by. Its size is what the instruction set's registers hold: every multiply-add then needs well under one load,
 * and at least eight of them are independent, which is what two units with a latency of four cycles need. */
#ifndef STEPPE_TILE_H
#define STEPPE_TILE_H

#include "vector/vec.h"

#if defined(__AVX512F__) || defined(__aarch64__)
#define TILE_VECTORS 4
#else
#define TILE_VECTORS 2
#endif

/* Floats in a row of the widest tile: packed operands come in panels of so many columns. */
#define TILE_WIDTH (TILE_VECTORS * VL)

#define TILE_MAX_HEIGHT 24

/* The terms of one element of a convolution: rows * cols runs of consecutive floats of x, each times as many rows of
 * the panel w. The steps are in floats; w_step leads from one row of the panel to the next. */
typedef struct {
  long rows, cols, run;
  long x_row, x_col;
  long w_row, w_col, w_step;
} tile_taps;

/* y[i][0 .. vectors*VL) = init[i] + sum over taps of x[i][t] * w[t]; no init is zero. */
typedef void (*tile_gather)(const float *const *x, const tile_taps *taps, const float *w, const float *const *init,
                            float *const *y);

/* The same for one vector, twice: also for x[i] + x_twin, to y[i] + y_twin from init[i] + y_twin. Narrow results need
 * tall tiles, and there are not enough registers for so many pointers. */
typedef void (*tile_twin)(const float *const *x, long x_twin, const tile_taps *taps, const float *w,
                          const float *const *init, float *const *y, long y_twin);

/* The terms of a sum over images * rows * cols positions, with the steps of both factors in floats. */
typedef struct {
  long images, rows, cols;
  long a_image, a_row, a_col;
  long b_image, b_row, b_col;
} tile_walk;

/* c[i][0 .. vectors*VL) += sum over positions p of a[p][i] * b[p]; c's rows are c_row floats apart. */
typedef void (*tile_outer)(const float *a, const float *b, const tile_walk *walk, float *c, long c_row);

#pragma GCC visibility push(hidden)

/* The tallest tile of so many vectors and at most `rows` rows; sets its height. */
tile_gather tile_gather_of(int vectors, long rows, int *height);
tile_outer tile_outer_of(int vectors, long rows, int *height);

/* The tallest twin of at most `rows` rows, not counting the twins; sets its height. */
tile_twin tile_twin_of(long rows, int *height);

#pragma GCC visibility pop

/* `columns` rounded up to whole vectors: what all panels of a packed operand take for one term. */
static inline long panels_width(long columns) { return (columns + VL - 1) / VL * VL; }

/* Vectors of the panel that begins at column `from` of `columns`. */
static inline int panel_vectors(long columns, long from) {
  long left = (columns - from + VL - 1) / VL;
  return left < TILE_VECTORS ? (int)left : TILE_VECTORS;
}

#endif
