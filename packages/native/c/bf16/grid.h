/* Convolutions of bfloat16 without a copy for every tap: the source is laid out once, with a border, in planes of
 * positions, so that a tap is an offset and neighbouring destinations are neighbouring positions.
 *
 * A convolution with a stride takes from as many planes as it has strides, each with every so manyeth row or column;
 * its input gradient gives as many. */
#ifndef STEPPE_BF16_GRID_H
#define STEPPE_BF16_GRID_H

#include "bf16/bf16.h"

/* One axis of a convolution, or of its input gradient, which reads dy and writes dx. */
typedef struct {
  long source, destination; /* extents */
  long taps, stride, dilation, pad;
  int gradient;
  long reads;  /* planes of the source */
  long writes; /* planes of the destination */
  long origin; /* the place of source 0 in the positions */
  long reach;  /* the offset of the furthest tap */
} bf16_axis;

#pragma GCC visibility push(hidden)

bf16_axis bf16_axis_of(long source, long taps, long destination, long stride, long dilation, long pad, int gradient);

/* Whether tap `tap` reaches plane `write` of the destination; then from which plane of the source, and how many
 * positions on. */
int bf16_meets(const bf16_axis *a, long write, long tap, long *read, long *offset);

/* Destinations in a plane. */
long bf16_members(const bf16_axis *a, long write);

/* Points to the pixels at `rows` times `cols` positions of a plane of an image, null in the border; `first` is the row
 * of positions that is the first. */
void bf16_list_pixels(const bf16_axis *vertical, const bf16_axis *horizontal, const float *image, long channels,
                      long plane, long first, long rows, long cols, const float **pixels);

#pragma GCC visibility pop
#endif
