/* What the passes of batch normalization share: rows of channels.
 *
 * Rows are taken in blocks by shape alone. Narrow rows are read several at a time as one wide row, with the numbers of
 * each channel repeated, so that loops are long for 16 channels too. */
#ifndef STEPPE_NORM_CHANNELS_H
#define STEPPE_NORM_CHANNELS_H

#include <stdlib.h>

#include "vector/vec.h"

#define WIDTH 4096 /* floats of a wide row at most */
#define NARROW 512 /* and of one that repeats channels */
#define BLOCK 32768

typedef struct {
  const float *x, *dy, *ddx;
  float *y, *ddy;
  float *terms;                           /* per channel, each repeated to the width: see the tasks */
  double *partial;                        /* [blocks, sums, channels] */
  long rows, channels, width, block_rows; /* block_rows is a multiple of the rows in a wide row */
  long blocks, sums;
  int relu;
} norm_context;

/* Takes memory for some terms and some sums of each channel; 0 where there is none. */
static inline int prepare(norm_context *c, long rows, long channels, long terms, long sums) {
  const long repeat = channels * 2 <= NARROW ? NARROW / channels : 1;
  c->rows = rows;
  c->channels = channels;
  c->width = repeat * channels;
  c->block_rows = (BLOCK / c->width + 1) * repeat;
  c->blocks = (rows + c->block_rows - 1) / c->block_rows;
  c->sums = sums;
  c->terms = malloc(terms * c->width * sizeof(float));
  c->partial = malloc((c->blocks * sums * channels + 1) * sizeof(double));
  return c->terms && c->partial;
}

static inline void release(norm_context *c) { free(c->terms), free(c->partial); }

/* Where a block of rows ends. */
static inline long block_end(const norm_context *c, long block) {
  const long end = (block + 1) * c->block_rows;
  return end < c->rows ? end : c->rows;
}

/* The number of elements of the wide row that starts at row r. */
static inline long wide(const norm_context *c, long r, long end) {
  const long left = (end - r) * c->channels;
  return left < c->width ? left : c->width;
}

/* Adds the lanes of a wide row that belong to one channel: one of the sums of a block. */
static inline void fold(const norm_context *c, long block, int which, const float *lanes) {
  double *out = c->partial + (block * c->sums + which) * c->channels;
  for (long j = 0; j < c->channels; j++) {
    double sum = 0;
    for (long k = j; k < c->width; k += c->channels) sum += lanes[k];
    out[j] = sum;
  }
}

/* One of the sums of a channel over all blocks. */
static inline double sum_of(const norm_context *c, int which, long channel) {
  double sum = 0;
  for (long b = 0; b < c->blocks; b++) sum += c->partial[(b * c->sums + which) * c->channels + channel];
  return sum;
}

/* Writes the number of each channel, repeated, as the given one of the terms. */
static inline void repeat_term(const norm_context *c, int which, long channel, double value) {
  for (long k = channel; k < c->width; k += c->channels) c->terms[which * c->width + k] = (float)value;
}

#endif
