/* Which taps of a filter meet which elements of an image, along one axis.
 *
 * A convolution and its input gradient are the same sum, read in two directions: destination i takes a few taps, each
 * of one source element. At the borders, and for strided gradients, different destinations take different taps.
 * Grouping them by the taps they take leaves loops without conditions, that multiply no padding, and no copy of the
 * image with a border. */
#ifndef STEPPE_AXIS_H
#define STEPPE_AXIS_H

/* Destinations first, first + step, ... that take the same taps. Taps are numbered as they are packed: those of a group
 * follow each other, and so do their sources, tap_step apart. taps = 0: these destinations take nothing. */
typedef struct {
  long first, step, count;
  /* the source of the first tap, for the first destination and from one destination to the next */
  long source, source_step;
  long tap, taps, tap_step;
} axis_group;

typedef struct {
  long source, taps, destination; /* extents */
  long stride, dilation, pad;
} axis;

#pragma GCC visibility push(hidden)

/* Groups of a convolution (source * stride + tap * dilation - pad) and of its input gradient, written to `groups`,
 * which has room for one per destination. Returns how many. */
long axis_forward(const axis *a, axis_group *groups);
long axis_gradient(const axis *a, axis_group *groups);

/* The tap of the filter that is packed at place `packed`, in gradients. Convolutions pack them as they come. */
long axis_gradient_tap(const axis *a, long packed);

#pragma GCC visibility pop
#endif
