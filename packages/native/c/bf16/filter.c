#include "bf16/filter.h"

#include <string.h>

#include "runtime/common.h"

static long even(long a) { return (a + 1) / 2 * 2; }

bf16_filter bf16_filter_of(const steppe_conv *p, int gradient) {
  bf16_filter f = {.p = *p, .gradient = gradient};
  f.channels = gradient ? p->o : p->c;
  f.outputs = gradient ? p->c : p->o;
  f.joined = p->stride_w == 1 && p->dilation_w == 1 && p->kw > 1 && f.channels > 0 && f.channels < BF16_DEPTH;
  f.run_taps = f.joined ? p->kw : 1;
  f.runs = (long)p->kh * (f.joined ? 1 : p->kw);
  f.cut = bf16_cut_of(f.joined ? p->kw * even(f.channels) : f.channels);
  f.pixel = f.joined ? even(f.channels) : f.cut.width;
  f.panel = f.runs * f.cut.width * BF16_BLOCK;
  f.panels = (f.outputs + BF16_BLOCK - 1) / BF16_BLOCK;
  f.rest = f.panels * f.panel;
  f.products_packed = p->precision == STEPPE_HIGH ? 2 : 1;
  f.planes = gradient ? (long)least(p->stride_h, p->h) * least(p->stride_w, p->w) : 1;
  f.plane_steps = f.runs * f.cut.steps * bf16_products(p->precision);
  return f;
}

void bf16_filter_lay_out(bf16_filter *f, intptr_t *scratch) {
  f->tiles = bf16_take(scratch, f->products_packed * f->rest * (long)sizeof(bf16));
  f->steps = bf16_take(scratch, f->planes * f->plane_steps * (long)sizeof(bf16_step));
  f->counts = bf16_take(scratch, f->planes * (long)sizeof(long));
}

/* Where step `step` of a run begins: the last ones overlap where the terms of a joined run do not fill all. */
static long begin_of(const bf16_filter *f, long step) {
  const long end = f->joined ? f->run_taps * f->pixel : f->cut.width;
  return least(step * f->cut.depth, end > f->cut.depth ? end - f->cut.depth : 0);
}

/* The row of w that holds term `term` of a run, null where that is none, or was in the step before. */
static const float *row_of(const bf16_filter *f, const float *w, long run, long term, long before) {
  const long tap = term / f->pixel, channel = term % f->pixel;
  if (term < before || tap >= f->run_taps || channel >= f->channels) return 0;
  const long kh = f->joined ? run : run / f->p.kw;
  const long kw = !f->joined ? run % f->p.kw : f->gradient ? f->run_taps - 1 - tap : tap;
  const long at = kh * f->p.kw + kw;
  return f->gradient ? w + at * f->p.c * f->p.o + channel : w + (at * f->p.c + channel) * f->p.o;
}

/* The tile of a gradient, whose columns are rows of w: as they are, or where terms of several taps meet, gathered. */
static void pack_across(const bf16_filter *f, const float *w, const float *const *rows, long tap, long first, long o,
                        bf16 *tile, long rest) {
  const long columns = least(BF16_TILE, f->outputs - o);
  if (!f->joined) {
    const float *lines[BF16_TILE] = {0};
    for (long j = 0; j < columns; j++) lines[j] = w + (tap * f->p.c + o + j) * f->p.o + first;
    bf16_pack_across(lines, least(f->cut.depth, f->channels - first), f->cut.depth, tile, rest);
    return;
  }
  float gathered[BF16_DEPTH * BF16_TILE];
  const float *lines[BF16_DEPTH];
  for (long i = 0; i < f->cut.depth; i++) {
    lines[i] = rows[i] ? gathered + i * BF16_TILE : 0;
    for (long j = 0; rows[i] && j < columns; j++) gathered[i * BF16_TILE + j] = rows[i][(o + j) * f->p.o];
  }
  bf16_pack_pairs(lines, 0, f->cut.depth, columns, tile, rest);
}

typedef struct {
  const bf16_filter *f;
  const float *w;
} packing;

static void pack_task(void *context, long begin, long end) {
  const packing *s = context;
  const bf16_filter *f = s->f;
  const long rest = f->products_packed > 1 ? f->rest : 0, steps = f->runs * f->cut.steps;
  const float *rows[BF16_DEPTH];
  for (long task = begin; task < end; task++) {
    const long panel = task / steps, run = task % steps / f->cut.steps, step = task % f->cut.steps;
    const long first = begin_of(f, step), before = step ? begin_of(f, step - 1) + f->cut.depth : 0;
    bf16 *tile = f->tiles + panel * f->panel + task % steps * f->cut.depth * BF16_BLOCK;
    for (long i = 0; i < f->cut.depth; i++) rows[i] = row_of(f, s->w, run, first + i, before);
    for (long half = 0; half < 2; half++, tile += f->cut.depth * BF16_TILE) {
      const long o = panel * BF16_BLOCK + half * BF16_TILE, columns = least(BF16_TILE, f->outputs - o);
      if (columns <= 0) continue;
      if (f->gradient) pack_across(f, s->w, rows, run, first, o, tile, rest);
      else bf16_pack_pairs(rows, o, f->cut.depth, columns, tile, rest);
    }
  }
}

void bf16_filter_pack(const bf16_filter *f, const float *w) {
  packing s = {f, w};
  steppe_parallel(f->panels * f->runs * f->cut.steps, 16, pack_task, &s);
}

void bf16_filter_list(const bf16_filter *f, const bf16_axis *vertical, const bf16_axis *horizontal, bf16_layout at) {
  for (long plane = 0; plane < f->planes; plane++) {
    bf16_step *first = f->steps + plane * f->plane_steps, *to = first;
    for (long run = 0; run < f->runs; run++) {
      const long kh = f->joined ? run : run / f->p.kw;
      const long kw = !f->joined ? run % f->p.kw : f->gradient ? f->run_taps - 1 : 0;
      long down, row, across, col;
      if (!bf16_meets(vertical, plane / horizontal->writes, kh, &down, &row)) continue;
      if (!bf16_meets(horizontal, plane % horizontal->writes, kw, &across, &col)) continue;
      for (long step = 0; step < f->cut.steps; step++) {
        const long read = (down * horizontal->reads + across) * at.plane + row * at.row + col * f->pixel;
        const bf16_step one = {read + begin_of(f, step), (run * f->cut.steps + step) * f->cut.depth * BF16_BLOCK};
        to += bf16_put_steps(to, f->p.precision, one, at.rest, f->rest);
      }
    }
    f->counts[plane] = to - first;
  }
}

bf16_sum bf16_filter_sum(const bf16_filter *f, long plane) {
  return (bf16_sum){.steps = f->steps + plane * f->plane_steps,
                    .count = f->counts[plane],
                    .depth = (int)f->cut.depth,
                    .a_row = f->pixel,
                    .b_half = f->cut.depth * BF16_TILE};
}
