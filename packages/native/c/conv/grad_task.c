#include <string.h>

#include "conv/changed.h"
#include "conv/grad.h"
#include "runtime/common.h"
#include "tile/tile.h"

filter_range filter_reach(long size, long out, long stride, long dilation, long pad, long k) {
  long low = pad - k * dilation, high = size + low;
  filter_range r = {low <= 0 ? 0 : (low + stride - 1) / stride,
                    high <= 0 ? 0 : least(out, (high + stride - 1) / stride)};
  return r;
}

/* Short copies of a length that the compiler does not know: a call of memcpy takes longer than the copy. */
static void copy(float *to, const float *from, long count) {
  long i = 0;
  for (; i + VL <= count; i += VL) store(to + i, load(from + i));
  for (; i < count; i++) to[i] = from[i];
}

/* A block of positions as one task sees it: rows [begin, end) of some images, one slice of x and one panel of dy. */
typedef struct {
  long images, begin, end;
  const float *x, *dy; /* pixel 0 of row x_first, and of row `begin` */
  long x_first;
  long x_image, x_row, x_col;
  long dy_image, dy_row, dy_col;
} block;

/* The slice of x that the block needs, in consecutive memory: a strided slice would fall on few sets of the cache, and
 * ragged borders would need cases in the tiles. */
static void copy_x(const filter_grad *g, block *b, long image, long channel, float *slot) {
  const steppe_conv *p = &g->p;
  long channels = least(g->slice, p->c - channel), pad = g->joined ? p->pad_left : 0;
  long low = most(b->begin * p->stride_h - p->pad_top, 0);
  long high = least((b->end - 1) * p->stride_h - p->pad_top + (p->kh - 1) * p->dilation_h + 1, p->h);
  long rows = most(high - low, 0), from = least(pad, g->x_width), to = most(from, least(p->w + pad, g->x_width));
  const int changes = conv_in_changes(g->fusion);
  const conv_in in = conv_in_of(g->fusion, channel);
  b->x_col = channels;
  b->x_row = g->x_width * channels;
  b->x_image = rows * b->x_row;
  b->x_first = low;
  b->x = slot;
  for (long n = 0; n < b->images; n++) {
    for (long row = 0; row < rows; row++) {
      float *y = slot + n * b->x_image + row * b->x_row;
      const float *x = g->x + (((image + n) * p->h + low + row) * p->w) * p->c + channel;
      memset(y, 0, from * channels * sizeof(float));
      for (long col = from; col < to; col++)
        if (changes) copy_changed(y + col * channels, x + (col - pad) * p->c, in, channels);
        else copy(y + col * channels, x + (col - pad) * p->c, channels);
      memset(y + to * channels, 0, (g->x_width - to) * channels * sizeof(float));
    }
  }
}

static void copy_dy(const filter_grad *g, block *b, long image, long o, long width, float *slot) {
  const steppe_conv *p = &g->p;
  long columns = least(width, p->o - o);
  b->dy_col = width;
  b->dy_row = p->ow * width;
  b->dy_image = (b->end - b->begin) * b->dy_row;
  b->dy = slot;
  for (long n = 0; n < b->images; n++) {
    const float *dy = g->dy + (((image + n) * p->oh + b->begin) * p->ow) * p->o + o;
    for (long i = 0; i < (b->end - b->begin) * p->ow; i++, dy += p->o, slot += width) {
      copy(slot, dy, columns);
      for (long j = columns; j < width; j++) slot[j] = 0;
    }
  }
}

/* Adds the block's products for `rows` rows of the filter, from the floats of x that x points to. */
static void add_rows(const tile_walk *walk, const float *x, const float *dy, long rows, int vectors, float *sum) {
  int height;
  for (long first = 0; first < rows; first += height) {
    tile_outer add = tile_outer_of(vectors, rows - first, &height);
    add(x + first, dy, walk, sum + first * vectors * VL, vectors * VL);
  }
}

static void add_block(const filter_grad *g, const block *b, long channels, int vectors, float *sum) {
  const steppe_conv *p = &g->p;
  long steps = g->joined ? 1 : p->kw, rows = (g->joined ? p->kw : 1) * channels;
  for (long kh = 0; kh < p->kh; kh++) {
    filter_range high = filter_reach(p->h, p->oh, p->stride_h, p->dilation_h, p->pad_top, kh);
    long begin = most(b->begin, high.from), end = least(b->end, high.to);
    for (long kw = 0; kw < steps && begin < end; kw++) {
      filter_range wide = {0, p->ow};
      if (!g->joined) wide = filter_reach(p->w, p->ow, p->stride_w, p->dilation_w, p->pad_left, kw);
      if (wide.from >= wide.to) continue;
      long col = wide.from * p->stride_w + (g->joined ? 0 : kw * p->dilation_w - p->pad_left);
      const float *x =
          b->x + (begin * p->stride_h + kh * p->dilation_h - p->pad_top - b->x_first) * b->x_row + col * b->x_col;
      const float *dy = b->dy + (begin - b->begin) * b->dy_row + wide.from * b->dy_col;
      tile_walk walk = {b->images,
                        end - begin,
                        wide.to - wide.from,
                        b->x_image,
                        p->stride_h * b->x_row,
                        p->stride_w * b->x_col,
                        b->dy_image,
                        b->dy_row,
                        b->dy_col};
      add_rows(&walk, x, dy, rows, vectors, sum + (kh * p->kw + kw) * channels * vectors * VL);
    }
  }
}

/* Adds one block's products for the panels [panel, last), whose partial results are `apart` floats from each other. */
static void run_block(const filter_grad *g, long i, long channel, long panel, long last, float *sum, long apart,
                      float *slot) {
  const steppe_conv *p = &g->p;
  const long per_image = (p->oh + g->block_rows - 1) / g->block_rows, channels = least(g->slice, p->c - channel);
  const long image = i / per_image * g->block_images, first = i % per_image * g->block_rows;
  block b = {least(g->block_images, p->n - image),
             first,
             least(first + g->block_rows, p->oh),
             g->x + image * p->h * p->w * p->c + channel,
             0,
             0,
             (long)p->h * p->w * p->c,
             (long)p->w * p->c,
             p->c,
             (long)p->oh * p->ow * p->o,
             (long)p->ow * p->o,
             p->o};
  if (g->copy_x) copy_x(g, &b, image, channel, slot + g->block_images * g->block_rows * p->ow * TILE_WIDTH);
  for (; panel < last; panel++, sum += apart) {
    const long o = panel * TILE_WIDTH;
    const int vectors = panel_vectors(p->o, o);
    b.dy = g->dy + (image * p->oh + first) * p->ow * p->o + o;
    if (g->copy_dy) copy_dy(g, &b, image, o, vectors * VL, slot);
    add_block(g, &b, channels, vectors, sum);
  }
}

void filter_grad_task(void *context, long begin, long end) {
  const filter_grad *g = context;
  const long partial = filter_grad_partial(g), apart = g->slices * g->parts * partial;
  for (long task = begin; task < end; task++) {
    const long part = task % g->parts, slice = task / g->parts % g->slices,
               panel = task / g->parts / g->slices * g->together, last = least(panel + g->together, g->panels);
    float *sum = g->partials + panel * apart + (slice * g->parts + part) * partial,
          *slot = g->slots + task * filter_grad_slot(g);
    for (long i = panel; i < last; i++) memset(sum + (i - panel) * apart, 0, partial * sizeof(float));
    for (long i = part * g->blocks / g->parts; i < (part + 1) * g->blocks / g->parts; i++)
      run_block(g, i, slice * g->slice, panel, last, sum, apart, slot);
  }
}
