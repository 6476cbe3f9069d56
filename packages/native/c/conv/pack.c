#include <string.h>

#include "conv/sum.h"
#include "tile/tile.h"
#include "vector/transpose.h"

/* A panel is what a tile reads in one go: for every term of the sum, in the order of the sum, a row of TILE_WIDTH
 * columns (fewer in the last panel). Rows are padded with zeros to whole vectors, so that tiles need no case for ragged
 * columns. */
typedef struct {
  const float *w;
  float *panels;
  const axis *vertical, *horizontal;
  long kh, kw, c, o;
} packing;

long panels_floats(long terms, long columns) { return terms * panels_width(columns); }

static long panel_count(long columns) { return (columns + TILE_WIDTH - 1) / TILE_WIDTH; }

static void forward_task(void *context, long begin, long end) {
  const packing *s = context;
  long taps = s->kh * s->kw;
  for (long task = begin; task < end; task++) {
    long tap = task % taps, o = task / taps * TILE_WIDTH;
    long width = panel_vectors(s->o, o) * VL, columns = s->o - o < width ? s->o - o : width;
    const float *from = s->w + tap * s->c * s->o + o;
    float *to = s->panels + o * taps * s->c + tap * s->c * width;
    for (long c = 0; c < s->c; c++, from += s->o, to += width) {
      memcpy(to, from, columns * sizeof(float));
      memset(to + columns, 0, (width - columns) * sizeof(float));
    }
  }
}

void pack_forward(const float *w, const steppe_conv *p, float *panels) {
  packing s = {.w = w, .panels = panels, .kh = p->kh, .kw = p->kw, .c = p->c, .o = p->o};
  long count = s.kh * s.kw * panel_count(s.o);
  steppe_parallel(count, 1 + 16384 / (TILE_WIDTH * (s.c + 1)), forward_task, &s);
}

static void gradient_task(void *context, long begin, long end) {
  const packing *s = context;
  long taps = s->kh * s->kw;
  for (long task = begin; task < end; task++) {
    long place = task % taps, c = task / taps * TILE_WIDTH;
    long width = panel_vectors(s->c, c) * VL, columns = s->c - c < width ? s->c - c : width;
    long kh = axis_gradient_tap(s->vertical, place / s->kw), kw = axis_gradient_tap(s->horizontal, place % s->kw);
    float *to = s->panels + c * taps * s->o + place * s->o * width;
    transpose(s->w + ((kh * s->kw + kw) * s->c + c) * s->o, s->o, columns, s->o, to, width);
  }
}

void pack_gradient(const float *w, const steppe_conv *p, const axis *vertical, const axis *horizontal, float *panels) {
  packing s = {w, panels, vertical, horizontal, p->kh, p->kw, p->c, p->o};
  steppe_parallel(s.kh * s.kw * panel_count(s.c), 1 + 16384 / (TILE_WIDTH * (s.o + 1)), gradient_task, &s);
}
