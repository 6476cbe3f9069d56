/* A list of destinations that take the same taps, and the tiles that compute them. */
#ifndef STEPPE_CONV_CHUNK_H
#define STEPPE_CONV_CHUNK_H

#include "conv/sum.h"
#include "tile/tile.h"

/* Destinations listed at once, a multiple of the tiles' heights. Their sources stay in the cache while one panel of the
 * filter after another is applied to them. */
#define CHUNK 240

typedef struct {
  const conv_sum *s;
  tile_taps taps;            /* those of the destinations, without the steps in the panel */
  long panel_row, panel_col; /* the first tap's place in the packed filter */
  long first_panel, last_panel;
  int twins; /* every destination listed stands for another one too, from_twin and to_twin further */
  long from_twin, to_twin;
  long count, room;
  const float *from[CHUNK];
  long to[CHUNK];
} conv_chunk;

#pragma GCC visibility push(hidden)

/* Computes what is listed, and empties the list. */
void conv_chunk_run(conv_chunk *k);

#pragma GCC visibility pop
#endif
