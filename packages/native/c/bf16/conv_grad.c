/* The gradient with respect to the filter. Summed over are positions of some images side by side: a tile has BF16_DEPTH
 * of them for channels of x, another as many for channels of dy. A tap then moves dy by whole pairs, so that every tile
 * is read as it lies in memory, and what lies in the border is left out. */
#include <string.h>

#include "bf16/conv.h"
#include "bf16/filter_sum.h"
#include "runtime/common.h"

/* Points to the channels of each term of a unit, null in the border. */
static void list_terms(const filter_sum *s, const float *tensor, long channels, long plane, long unit, long rows,
                       const float **terms) {
  const int is_x = tensor == s->x_source;
  const bf16_axis *v = is_x ? &s->vertical : &s->identity_v, *h = is_x ? &s->horizontal : &s->identity_h;
  const long first = unit / s->row_blocks * s->group, row = unit % s->row_blocks * s->rows;
  const long image = v->source * h->source * channels, there = least(s->group, s->p.n - first);
  for (long r = 0; r < rows; r++) {
    const long y = (row + r) * v->stride + plane / h->reads - v->origin;
    for (long c = 0; c < s->cols; c++, terms += s->group) {
      const long x = c * h->stride + plane % h->reads - h->origin;
      const int inside = y >= 0 && y < v->source && x >= 0 && x < h->source;
      const float *pixel = tensor + first * image + (inside ? (y * h->source + x) * channels : 0);
      for (long i = 0; i < s->group; i++) terms[i] = inside && i < there ? pixel + i * image : 0;
    }
  }
}

static void pack_x(const filter_sum *s, long unit, long c0, bf16 *to, const float **terms) {
  const long rest = s->parts_packed > 1 ? s->x_part : 0, ends = s->x_blocks * BF16_DEPTH;
  const long rows = s->rows + s->vertical.reach, listed = rows * s->cols * s->group;
  const long channels = least(s->c_slice, s->p.c - c0), panel = s->planes * s->x_blocks * BF16_DEPTH * BF16_BLOCK;
  for (long plane = 0; plane < s->planes; plane++) {
    list_terms(s, s->x_source, s->p.c, plane, unit, rows, terms);
    for (long i = listed; i < ends; i++) terms[i] = 0;
    for (long i = 0; i < ends; i += BF16_DEPTH) {
      bf16 *block = to + (plane * s->x_blocks * BF16_DEPTH + i) * BF16_BLOCK;
      for (long c = 0; c < channels; c += BF16_TILE)
        bf16_pack_columns(terms + i, c0 + c, BF16_DEPTH, least(BF16_TILE, channels - c),
                          block + c / BF16_BLOCK * panel + c % BF16_BLOCK * BF16_DEPTH, BF16_DEPTH, rest);
    }
  }
}

static void pack_dy(const filter_sum *s, long unit, long o0, bf16 *to, const float **terms) {
  const long rows = least(s->rows, s->p.oh - unit % s->row_blocks * s->rows), listed = rows * s->cols * s->group;
  const long outputs = least(s->o_slice, s->p.o - o0);
  for (long i = 0; i < BF16_DEPTH; i++) terms[i] = 0;
  list_terms(s, s->dy_source, s->p.o, 0, unit, rows, terms + BF16_DEPTH);
  for (long i = BF16_DEPTH + listed; i < s->dy_terms; i++) terms[i] = 0;
  for (long i = 0; i < s->dy_terms; i += BF16_DEPTH) {
    for (long o = 0; o < outputs; o += BF16_TILE)
      bf16_pack_pairs(terms + i, o0 + o, BF16_DEPTH, least(BF16_TILE, outputs - o),
                      to + o * s->dy_terms + i * BF16_TILE, s->parts_packed > 1 ? s->dy_part : 0);
  }
}

/* Adds a unit to the sums of one slice, tap by tap. */
static void add_unit(const filter_sum *s, int unit, long block, const bf16 *x, const bf16 *dy, long channels,
                     long outputs, float *sums, int add) {
  const long panel = s->planes * s->x_blocks * BF16_DEPTH * BF16_BLOCK;
  for (long tap = 0; tap < s->taps; tap++) {
    const long list = block * s->taps + tap;
    const bf16_sum sum = {.steps = s->steps + list * s->list,
                          .count = s->counts[list],
                          .depth = BF16_DEPTH,
                          .a_row = BF16_DEPTH,
                          .b_half = BF16_TILE * s->dy_terms,
                          .c_row = s->o_slice,
                          .unit = unit};
    if (add && !sum.count) continue;
    for (long o = 0; o < outputs; o += BF16_BLOCK) {
      for (long c = 0; c < channels; c += BF16_BLOCK)
        bf16_block(x + c / BF16_BLOCK * panel, dy + o * s->dy_terms, &sum, (int)least(BF16_BLOCK, channels - c),
                   outputs - o > BF16_TILE ? 2 : 1, sums + (tap * s->c_slice + c) * s->o_slice + o, add);
    }
  }
}

/* One task, in one of the slots. */
static void sum_units(const filter_sum *s, int matrix_unit, long task, long slot) {
  const long part = task % s->parts, slice = task / s->parts;
  const long c = slice % s->c_slices * s->c_slice, o = slice / s->c_slices * s->o_slice;
  const long first = part * s->units / s->parts, last = (part + 1) * s->units / s->parts;
  bf16 *x = s->x + slot * s->parts_packed * s->x_part, *dy = s->dy + slot * s->parts_packed * s->dy_part;
  const float **terms = s->terms + slot * most(s->x_blocks * BF16_DEPTH, s->dy_terms);
  for (long unit = first; unit < last; unit++) {
    pack_x(s, unit, c, x, terms);
    pack_dy(s, unit, o, dy, terms);
    add_unit(s, matrix_unit, unit % s->row_blocks, x, dy, up(least(s->c_slice, s->p.c - c), BF16_TILE),
             up(least(s->o_slice, s->p.o - o), BF16_TILE), s->partials + task * s->partial, unit > first);
  }
}

static void slot_task(void *context, long begin, long end) {
  const filter_sum *s = context;
  const int unit = bf16_begin(BF16_DEPTH);
  for (long slot = begin; slot < end; slot++) {
    for (long task = slot * s->tasks / s->slots; task < (slot + 1) * s->tasks / s->slots; task++)
      sum_units(s, unit, task, slot);
  }
  bf16_end(unit);
}

/* Adds the parts of one row of the filter after the other. */
static void add_parts(void *context, long begin, long end) {
  const filter_sum *s = context;
  for (long row = begin; row < end; row++) {
    const long tap = row / s->p.c, c = row % s->p.c, slice = c / s->c_slice;
    for (long o = 0; o < s->p.o; o += s->o_slice) {
      const long columns = least(s->o_slice, s->p.o - o);
      const float *from = s->partials + (o / s->o_slice * s->c_slices + slice) * s->parts * s->partial +
                          (tap * s->c_slice + c % s->c_slice) * s->o_slice;
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
  filter_sum s = filter_sum_of(p);
  filter_sum_lay_out(&s, (intptr_t)scratch);
  s.x_source = x, s.dy_source = dy, s.dw = dw;
  filter_sum_list(&s);
  steppe_parallel(s.slots, 1, slot_task, &s);
  steppe_parallel(rows, 1 + 16384 / (1 + p->o * s.parts), add_parts, &s);
}

long bf16_conv_filter_grad_scratch(const steppe_conv *p) {
  if (!p->n || !p->oh || !p->ow || !p->kh || !p->kw || !p->c || !p->o) return 0;
  filter_sum s = filter_sum_of(p);
  return filter_sum_lay_out(&s, 0);
}
