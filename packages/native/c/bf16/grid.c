#include "bf16/grid.h"

#include "runtime/common.h"

/* Source minus destination, in positions, for a tap of a gradient; 0 where they do not meet. */
static int distance(const bf16_axis *a, long write, long tap, long *positions) {
  const long place = write + a->pad - tap * a->dilation;
  *positions = place / a->stride;
  return place % a->stride == 0;
}

bf16_axis bf16_axis_of(long source, long taps, long destination, long stride, long dilation, long pad, int gradient) {
  bf16_axis a = {source, destination, taps, stride, dilation, pad, gradient, 1, 1, pad, 0};
  const long last = most(taps - 1, 0) * dilation;
  if (!gradient) {
    a.reads = least(stride, last + 1);
    a.reach = last / stride;
    return a;
  }
  a.writes = least(stride, most(destination, 1));
  long low = 0, high = 0, any = 0;
  for (long write = 0; write < a.writes; write++) {
    for (long tap = 0; tap < taps; tap++) {
      long positions;
      if (!distance(&a, write, tap, &positions)) continue;
      low = any ? least(low, positions) : positions;
      high = any ? most(high, positions) : positions;
      any = 1;
    }
  }
  a.origin = -low;
  a.reach = high - low;
  return a;
}

int bf16_meets(const bf16_axis *a, long write, long tap, long *read, long *offset) {
  if (!a->gradient) {
    *read = tap * a->dilation % a->stride;
    *offset = tap * a->dilation / a->stride;
    return 1;
  }
  *read = 0;
  const int met = distance(a, write, tap, offset);
  *offset += a->origin;
  return met;
}

long bf16_members(const bf16_axis *a, long write) {
  return a->gradient ? (a->destination - write + a->stride - 1) / a->stride : a->destination;
}

void bf16_list_pixels(const bf16_axis *vertical, const bf16_axis *horizontal, const float *image, long channels,
                      long plane, long first, long rows, long cols, const float **pixels) {
  const long down = vertical->gradient ? 1 : vertical->stride, across = horizontal->gradient ? 1 : horizontal->stride;
  const long top = plane / horizontal->reads - vertical->origin, left = plane % horizontal->reads - horizontal->origin;
  for (long r = 0; r < rows; r++) {
    const long y = (first + r) * down + top;
    const int inside = y >= 0 && y < vertical->source;
    for (long c = 0; c < cols; c++) {
      const long x = c * across + left;
      *pixels++ = inside && x >= 0 && x < horizontal->source ? image + (y * horizontal->source + x) * channels : 0;
    }
  }
}
