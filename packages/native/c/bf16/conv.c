#include "bf16/conv.h"

#include <string.h>

#include "bf16/filter.h"
#include "bf16/grid.h"
#include "runtime/common.h"

/* A task has so many elements of the source at hand, which stay in the second-level cache while the filter passes; but
 * there should be tasks enough for all threads. */
#define BLOCK_ELEMENTS 131072
#define WANTED_TASKS 16
#define MAX_SLOTS 32

typedef struct {
  bf16_axis vertical, horizontal;
  bf16_filter filter;
  long images, channels, outputs, cols; /* cols: positions in a row */
  long block_images, block_rows, row_blocks, tasks, slots;
  long image_positions; /* of one image's rows in a block, in a plane */
  long rest;            /* of a slot */
  const float *source;
  float *destination;
  bf16 *slot;
  const float **pixels;
} conv;

static conv conv_of(const steppe_conv *p, int gradient) {
  conv s = {.images = p->n, .channels = gradient ? p->o : p->c, .outputs = gradient ? p->c : p->o};
  s.vertical = gradient ? bf16_axis_of(p->oh, p->kh, p->h, p->stride_h, p->dilation_h, p->pad_top, 1)
                        : bf16_axis_of(p->h, p->kh, p->oh, p->stride_h, p->dilation_h, p->pad_top, 0);
  s.horizontal = gradient ? bf16_axis_of(p->ow, p->kw, p->w, p->stride_w, p->dilation_w, p->pad_left, 1)
                          : bf16_axis_of(p->w, p->kw, p->ow, p->stride_w, p->dilation_w, p->pad_left, 0);
  s.filter = bf16_filter_of(p, gradient);
  const long rows = bf16_members(&s.vertical, 0), planes = s.vertical.reads * s.horizontal.reads;
  s.cols = bf16_members(&s.horizontal, 0) + s.horizontal.reach;
  const long row = s.cols * s.filter.pixel * planes, image = (rows + s.vertical.reach) * row;
  const long wanted = most(WANTED_TASKS / most(s.images, 1), 1);
  s.block_rows = rows;
  if (image > 2 * BLOCK_ELEMENTS || wanted > 1)
    s.block_rows = least(rows, most(least(BLOCK_ELEMENTS / row, (rows + wanted - 1) / wanted), s.vertical.reach + 1));
  s.row_blocks = (rows + s.block_rows - 1) / s.block_rows;
  s.block_images = s.row_blocks > 1 ? 1 : most(least(BLOCK_ELEMENTS / image, s.images / WANTED_TASKS), 1);
  s.tasks = (s.images + s.block_images - 1) / s.block_images * s.row_blocks;
  s.slots = least(s.tasks, MAX_SLOTS);
  s.image_positions = (s.block_rows + s.vertical.reach) * s.cols;
  /* The last block of positions and the last tap read on behind the end. */
  s.rest = (planes * s.block_images * s.image_positions + BF16_BLOCK + s.cols + s.horizontal.reach) * s.filter.pixel +
           BF16_DEPTH;
  s.rest = (s.rest + 31) / 32 * 32;
  return s;
}

/* Splits scratch; returns its end. */
static intptr_t lay_out(conv *s, intptr_t scratch) {
  bf16_filter_lay_out(&s->filter, &scratch);
  s->slot = bf16_take(&scratch, s->slots * s->filter.products_packed * s->rest * (long)sizeof(bf16));
  s->pixels = bf16_take(&scratch, s->slots * s->image_positions * (long)sizeof(float *));
  return scratch;
}

/* The destinations of one plane in a block, and where they are. */
typedef struct {
  long first, count; /* images */
  long row, rows;    /* rows of positions: the first, and those that are destinations */
  long cols;
  float *to; /* of the first image, and row and column 0 of the plane */
  long to_image, to_row, to_col;
} target;

/* Writes the sums at positions q to q + BF16_BLOCK that are destinations. */
static void put(const conv *s, const target *t, const float *sums, long image, long q, long end, long o, long columns) {
  long row = q / s->cols, col = q % s->cols;
  const long bytes = columns * (long)sizeof(float), rows = s->block_rows + s->vertical.reach;
  long at = image + row / rows;
  row %= rows;
  for (; q < end; q++, sums += BF16_BLOCK) {
    if (col < t->cols && row < t->rows) {
      float *to = t->to + at * t->to_image + row * t->to_row + col * t->to_col + o;
      if (columns == BF16_BLOCK) memcpy(to, sums, BF16_BLOCK * sizeof(float));
      else memcpy(to, sums, bytes);
    }
    if (++col < s->cols) continue;
    col = 0;
    if (++row == rows) row = 0, at++;
  }
}

/* Sums at `span` positions, from the first of an image on; what is no destination is dropped. */
static void sum_span(const conv *s, const target *t, const bf16_sum *sum, const bf16 *slot, long image, long span) {
  _Alignas(64) float sums[BF16_BLOCK * BF16_BLOCK];
  const bf16 *from = slot + image * s->image_positions * s->filter.pixel;
  for (long o = 0; o < s->outputs; o += BF16_BLOCK) {
    const long columns = least(BF16_BLOCK, s->outputs - o);
    const bf16 *tiles = s->filter.tiles + o / BF16_BLOCK * s->filter.panel;
    for (long q = 0; q < span; q += BF16_BLOCK) {
      const long end = least(q + BF16_BLOCK, span);
      bf16_block(from + q * s->filter.pixel, tiles, sum, (int)(end - q), columns > BF16_TILE ? 2 : 1, sums, 0);
      put(s, t, sums, image, q, end, o, columns);
    }
  }
}

static void run_plane(const conv *s, int unit, const bf16 *slot, target *t, long plane) {
  const long a = plane / s->horizontal.writes, b = plane % s->horizontal.writes;
  const int gradient = s->vertical.gradient;
  const long down = gradient ? s->vertical.stride : 1, across = gradient ? s->horizontal.stride : 1;
  t->rows = least(bf16_members(&s->vertical, a) - t->row, s->block_rows);
  t->cols = bf16_members(&s->horizontal, b);
  t->to_col = across * s->outputs;
  t->to_row = down * s->horizontal.destination * s->outputs;
  t->to_image = s->vertical.destination * s->horizontal.destination * s->outputs;
  t->to =
      s->destination + t->first * t->to_image + t->row * t->to_row + (a * s->horizontal.destination + b) * s->outputs;
  if (t->rows <= 0 || t->cols <= 0) return;
  bf16_sum sum = bf16_filter_sum(&s->filter, plane);
  sum.c_row = BF16_BLOCK;
  sum.unit = unit;
  /* Image by image, or through all of them where that takes fewer blocks. */
  const long span = t->rows * s->cols, all = (t->count - 1) * s->image_positions + span;
  if (t->count * ((span + BF16_BLOCK - 1) / BF16_BLOCK) <= (all + BF16_BLOCK - 1) / BF16_BLOCK) {
    for (long image = 0; image < t->count; image++) sum_span(s, t, &sum, slot, image, span);
  } else {
    sum_span(s, t, &sum, slot, 0, all);
  }
}

static void fill_slot(const conv *s, const target *t, bf16 *slot, const float **pixels) {
  const long planes = s->vertical.reads * s->horizontal.reads, rows = s->block_rows + s->vertical.reach;
  const long rest = s->filter.products_packed > 1 ? s->rest : 0;
  for (long plane = 0; plane < planes; plane++) {
    for (long i = 0; i < t->count; i++) {
      bf16_list_pixels(&s->vertical, &s->horizontal,
                       s->source + (t->first + i) * s->vertical.source * s->horizontal.source * s->channels,
                       s->channels, plane, t->row, rows, s->cols, pixels);
      bf16_pack_rows(pixels, s->image_positions, s->channels, s->filter.pixel,
                     slot + (plane * s->block_images + i) * s->image_positions * s->filter.pixel, rest);
    }
  }
}

static void slot_task(void *context, long begin, long end) {
  const conv *s = context;
  const int unit = bf16_begin((int)s->filter.cut.depth);
  for (long i = begin; i < end; i++) {
    bf16 *slot = s->slot + i * s->filter.products_packed * s->rest;
    for (long task = i * s->tasks / s->slots; task < (i + 1) * s->tasks / s->slots; task++) {
      target t = {.first = task / s->row_blocks * s->block_images, .row = task % s->row_blocks * s->block_rows};
      t.count = least(s->block_images, s->images - t.first);
      fill_slot(s, &t, slot, s->pixels + i * s->image_positions);
      for (long plane = 0; plane < s->vertical.writes * s->horizontal.writes; plane++)
        run_plane(s, unit, slot, &t, plane);
    }
  }
  bf16_end(unit);
}

void bf16_conv(const float *x, const float *w, float *y, const steppe_conv *p, int gradient, void *scratch) {
  conv s = conv_of(p, gradient);
  lay_out(&s, (intptr_t)scratch);
  s.source = x, s.destination = y;
  bf16_filter_pack(&s.filter, w);
  const long planes = s.vertical.reads * s.horizontal.reads;
  bf16_filter_list(&s.filter, &s.vertical, &s.horizontal,
                   (bf16_layout){.row = s.cols * s.filter.pixel,
                                 .rest = s.rest,
                                 .plane = planes > 1 ? s.block_images * s.image_positions * s.filter.pixel : 0});
  steppe_parallel(s.slots, 1, slot_task, &s);
}

long bf16_conv_scratch(const steppe_conv *p, int gradient) {
  conv s = conv_of(p, gradient);
  return lay_out(&s, 0);
}
