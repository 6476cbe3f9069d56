/* The gradient with respect to the filter. Positions are what is summed over: so x is laid out channel by channel, and
 * dy in pairs of positions, with zeros where x has its border. A tap is an offset in x, as in the convolution. */
#include <string.h>

#include "bf16/conv.h"
#include "bf16/grid.h"
#include "runtime/common.h"

#define SLICE 64 /* channels of x and of dy whose sums, for all taps, stay in the second-level cache */
#define MOST_POSITIONS 2048
#define WANTED_STEPS 24 /* before sums go back to memory */
#define WANTED_TASKS 16

/* Units of the work: some rows of one image, or a few small images. */
typedef struct {
  steppe_conv p;
  bf16_axis vertical, horizontal, identity_v, identity_h;
  long c, o; /* channels, to whole tiles */
  long cols, rows, image_positions, unit_images, row_blocks, units;
  long summed, row; /* positions that are summed over, and from one channel of x to the next */
  long x_part, x_unit, dy_part, dy_unit, parts_packed;
  long c_slices, o_slices, parts, partial, group, unit_steps;
  const float *x_source, *dy_source;
  bf16 *x, *dy;
  const float **pixels;
  float *partials, *dw;
  bf16_step *steps;
} filter_sum;

static filter_sum cut_of(const steppe_conv *p) {
  filter_sum s = {.p = *p, .c = up(p->c, BF16_TILE), .o = up(p->o, BF16_TILE)};
  s.vertical = bf16_axis_of(p->h, p->kh, p->oh, p->stride_h, p->dilation_h, p->pad_top, 0);
  s.horizontal = bf16_axis_of(p->w, p->kw, p->ow, p->stride_w, p->dilation_w, p->pad_left, 0);
  s.identity_v = bf16_axis_of(p->oh, 1, p->oh, 1, 1, 0, 0);
  s.identity_h = bf16_axis_of(p->ow, 1, p->ow, 1, 1, 0, 0);
  s.cols = p->ow + s.horizontal.reach;
  s.rows = p->oh * s.cols <= MOST_POSITIONS ? p->oh : most(MOST_POSITIONS / 2 / s.cols, 1);
  s.row_blocks = (p->oh + s.rows - 1) / s.rows;
  s.image_positions = (s.rows + s.vertical.reach) * s.cols;
  const long alone = up(s.rows * s.cols, BF16_DEPTH);
  s.unit_images = s.row_blocks > 1 || alone * 4 <= s.image_positions * 5
                      ? 1
                      : most(least(p->n, MOST_POSITIONS / 4 / s.image_positions), 1);
  s.units = (p->n + s.unit_images - 1) / s.unit_images * s.row_blocks;
  s.summed = up((s.unit_images - 1) * s.image_positions + s.rows * s.cols, BF16_DEPTH);
  /* An odd number of cache lines: channels of a tile then do not fall on one set of the cache. */
  s.row = up(s.summed + s.vertical.reach * s.cols + s.horizontal.reach, BF16_DEPTH) / BF16_DEPTH;
  s.row = (s.row | 1) * BF16_DEPTH;
  s.parts_packed = p->precision == STEPPE_HIGH ? 2 : 1;
  s.x_part = s.c * s.row;
  s.x_unit = s.vertical.reads * s.horizontal.reads * s.parts_packed * s.x_part;
  s.dy_part = s.o * s.summed;
  s.dy_unit = s.parts_packed * s.dy_part;
  s.c_slices = (s.c + SLICE - 1) / SLICE;
  s.o_slices = (s.o + SLICE - 1) / SLICE;
  s.parts = most(least(s.units, WANTED_TASKS / (s.c_slices * s.o_slices)), 1);
  s.partial = (long)p->kh * p->kw * least(s.c, SLICE) * least(s.o, SLICE);
  s.group = most(WANTED_STEPS * BF16_DEPTH / s.summed, 1);
  s.unit_steps = s.summed / BF16_DEPTH * bf16_products(p->precision);
  return s;
}

static intptr_t lay_out(filter_sum *s, intptr_t scratch) {
  s->x = bf16_take(&scratch, s->units * s->x_unit * (long)sizeof(bf16));
  s->dy = bf16_take(&scratch, s->units * s->dy_unit * (long)sizeof(bf16));
  s->pixels = bf16_take(&scratch, s->units * s->row * (long)sizeof(float *));
  s->partials = bf16_take(&scratch, s->c_slices * s->o_slices * s->parts * s->partial * (long)sizeof(float));
  s->steps = bf16_take(&scratch, s->group * s->unit_steps * (long)sizeof(bf16_step));
  return scratch;
}

/* Lists the pixels of a unit's positions: those of x in a plane, or of dy, whose border is behind it. */
static void list_unit(const filter_sum *s, long unit, const float *tensor, long channels, long plane,
                      const float **pixels) {
  const int is_x = tensor == s->x_source;
  const bf16_axis *v = is_x ? &s->vertical : &s->identity_v, *h = is_x ? &s->horizontal : &s->identity_h;
  const long first = unit / s->row_blocks * s->unit_images, row = unit % s->row_blocks * s->rows;
  const long rows = is_x ? s->rows + s->vertical.reach : least(s->rows, s->p.oh - row);
  memset(pixels, 0, s->row * sizeof(float *));
  for (long i = 0; i < least(s->unit_images, s->p.n - first); i++)
    bf16_list_pixels(v, h, tensor + (first + i) * v->source * h->source * channels, channels, plane, row, rows, s->cols,
                     pixels + i * s->image_positions);
}

static void pack_unit(void *context, long begin, long end) {
  const filter_sum *s = context;
  const long planes = s->vertical.reads * s->horizontal.reads, rest = s->parts_packed > 1;
  for (long unit = begin; unit < end; unit++) {
    const float **pixels = s->pixels + unit * s->row;
    for (long plane = 0; plane < planes; plane++) {
      bf16 *to = s->x + unit * s->x_unit + plane * s->parts_packed * s->x_part;
      list_unit(s, unit, s->x_source, s->p.c, plane, pixels);
      for (long c = 0; c < s->p.c; c += BF16_TILE)
        bf16_pack_columns(pixels, c, s->row, least(BF16_TILE, s->p.c - c), to + c * s->row, s->row, rest * s->x_part);
    }
    list_unit(s, unit, s->dy_source, s->p.o, 0, pixels);
    for (long o = 0; o < s->p.o; o += BF16_TILE)
      bf16_pack_pairs(pixels, o, s->summed, least(BF16_TILE, s->p.o - o), s->dy + unit * s->dy_unit + o * s->summed,
                      rest * s->dy_part);
  }
}

/* Adds a group of units to the sums of one slice, tap by tap. */
static void add_group(const filter_sum *s, long unit, long units, long c0, long o0, float *sums, int add) {
  const long channels = least(SLICE, s->c - c0), outputs = least(SLICE, s->o - o0);
  const bf16_sum sum = {.steps = s->steps,
                        .count = units * s->unit_steps,
                        .depth = BF16_DEPTH,
                        .a_row = s->row,
                        .b_half = BF16_TILE * s->summed,
                        .c_row = outputs};
  for (long tap = 0; tap < (long)s->p.kh * s->p.kw; tap++) {
    long down, row, across, col;
    bf16_meets(&s->vertical, 0, tap / s->p.kw, &down, &row);
    bf16_meets(&s->horizontal, 0, tap % s->p.kw, &across, &col);
    const bf16 *x = s->x + unit * s->x_unit + (down * s->horizontal.reads + across) * s->parts_packed * s->x_part +
                    c0 * s->row + row * s->cols + col;
    const bf16 *dy = s->dy + unit * s->dy_unit + o0 * s->summed;
    for (long o = 0; o < outputs; o += BF16_BLOCK) {
      for (long c = 0; c < channels; c += BF16_BLOCK)
        bf16_block(x + c * s->row, dy + o * s->summed, &sum, (int)least(BF16_BLOCK, channels - c),
                   outputs - o > BF16_TILE ? 2 : 1, sums + (tap * channels + c) * outputs + o, add);
    }
  }
}

static void sum_task(void *context, long begin, long end) {
  const filter_sum *s = context;
  bf16_begin(BF16_DEPTH);
  for (long task = begin; task < end; task++) {
    const long part = task % s->parts, slice = task / s->parts;
    const long c = slice % s->c_slices * SLICE, o = slice / s->c_slices * SLICE;
    const long first = part * s->units / s->parts, last = (part + 1) * s->units / s->parts;
    for (long unit = first; unit < last; unit += s->group)
      add_group(s, unit, least(s->group, last - unit), c, o, s->partials + task * s->partial, unit > first);
  }
  bf16_end();
}

/* Adds the parts of one row of the filter after the other. */
static void add_parts(void *context, long begin, long end) {
  const filter_sum *s = context;
  for (long row = begin; row < end; row++) {
    const long tap = row / s->p.c, c = row % s->p.c, slice = c / SLICE;
    const long channels = least(SLICE, s->c - slice * SLICE);
    for (long o = 0; o < s->p.o; o += SLICE) {
      const long outputs = least(SLICE, s->o - o), columns = least(SLICE, s->p.o - o);
      const float *from = s->partials + (o / SLICE * s->c_slices + slice) * s->parts * s->partial +
                          (tap * channels + c % SLICE) * outputs;
      float *to = s->dw + row * s->p.o + o;
      for (long j = 0; j < columns; j++) to[j] = from[j];
      for (long part = 1; part < s->parts; part++) {
        for (long j = 0; j < columns; j++) to[j] += from[part * s->partial + j];
      }
    }
  }
}

void bf16_conv_filter_grad(const float *x, const float *dy, float *dw, const steppe_conv *p, void *scratch) {
  const long rows = (long)p->kh * p->kw * p->c;
  if (!p->n || !p->oh || !p->ow) {
    memset(dw, 0, rows * p->o * sizeof(float));
    return;
  }
  filter_sum s = cut_of(p);
  lay_out(&s, (intptr_t)scratch);
  s.x_source = x, s.dy_source = dy, s.dw = dw;
  bf16_step *to = s.steps;
  for (long unit = 0; unit < s.group; unit++) {
    for (long i = 0; i < s.summed; i += BF16_DEPTH)
      to += bf16_put_steps(to, p->precision, (bf16_step){unit * s.x_unit + i, unit * s.dy_unit + i * BF16_TILE},
                           s.x_part, s.dy_part);
  }
  steppe_parallel(s.units, 1, pack_unit, &s);
  steppe_parallel(s.c_slices * s.o_slices * s.parts, 1, sum_task, &s);
  steppe_parallel(rows, 1 + 16384 / (1 + p->o * s.parts), add_parts, &s);
}

long bf16_conv_filter_grad_scratch(const steppe_conv *p) {
  if (!p->n || !p->oh || !p->ow || !p->kh || !p->kw || !p->c || !p->o) return 0;
  filter_sum s = cut_of(p);
  return lay_out(&s, 0);
}
