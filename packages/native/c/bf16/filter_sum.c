#include "bf16/filter_sum.h"

#include "runtime/common.h"

#define SLICE 128          /* most channels of x and of dy whose sums a task has at hand */
#define UNIT_BYTES 1200000 /* of packed x and dy, for the second-level cache */
#define FEW_ROWS 4
#define WANTED_TASKS 16
#define MAX_SLOTS 32

static long slice_of(long channels) {
  const long slices = (channels + SLICE - 1) / SLICE;
  return least(up((channels + slices - 1) / slices, BF16_BLOCK), up(channels, BF16_TILE));
}

static long rows_that_fit(const filter_sum *s) {
  const long row = s->cols * s->group * s->parts_packed * (long)sizeof(bf16);
  const long x_row = row * s->planes * up(s->c_slice, BF16_BLOCK), dy_row = row * s->o_slice;
  return least(most((UNIT_BYTES - x_row * s->vertical.reach) / (x_row + dy_row), 1), s->p.oh);
}

filter_sum filter_sum_of(const steppe_conv *p) {
  filter_sum s = {.p = *p, .taps = (long)p->kh * p->kw, .c_slice = slice_of(p->c), .o_slice = slice_of(p->o)};
  s.vertical = bf16_axis_of(p->h, p->kh, p->oh, p->stride_h, p->dilation_h, p->pad_top, 0);
  s.horizontal = bf16_axis_of(p->w, p->kw, p->ow, p->stride_w, p->dilation_w, p->pad_left, 0);
  s.identity_v = bf16_axis_of(p->oh, 1, p->oh, 1, 1, 0, 0);
  s.identity_h = bf16_axis_of(p->ow, 1, p->ow, 1, 1, 0, 0);
  s.cols = p->ow + s.horizontal.reach;
  s.planes = s.vertical.reads * s.horizontal.reads;
  s.parts_packed = p->precision == STEPPE_HIGH ? 2 : 1;
  /* Pairs of terms are of one position: so a group has at least two images, if need be one of zeros. */
  for (s.group = BF16_DEPTH; s.group > 2; s.group /= 2) {
    if (up(p->n, s.group) * 8 <= p->n * 9L && rows_that_fit(&s) >= least(FEW_ROWS, p->oh)) break;
  }
  s.groups = (p->n + s.group - 1) / s.group;
  s.row_blocks = (p->oh + rows_that_fit(&s) - 1) / rows_that_fit(&s);
  s.rows = (p->oh + s.row_blocks - 1) / s.row_blocks;
  s.row_blocks = (p->oh + s.rows - 1) / s.rows;
  s.units = s.groups * s.row_blocks;
  s.x_blocks = ((s.rows + s.vertical.reach) * s.cols * s.group + BF16_DEPTH - 1) / BF16_DEPTH;
  /* Zeros before and behind, for tiles of which a tap leaves only a part inside. */
  s.dy_terms = up(s.rows * s.cols * s.group, BF16_DEPTH) + 2 * BF16_DEPTH;
  s.x_part = s.planes * up(s.c_slice, BF16_BLOCK) * s.x_blocks * BF16_DEPTH;
  s.dy_part = s.o_slice * s.dy_terms;
  s.c_slices = (p->c + s.c_slice - 1) / s.c_slice;
  s.o_slices = (p->o + s.o_slice - 1) / s.o_slice;
  s.parts = most(least(s.units, WANTED_TASKS / (s.c_slices * s.o_slices)), 1);
  s.tasks = s.c_slices * s.o_slices * s.parts;
  s.slots = least(s.tasks, MAX_SLOTS);
  s.partial = s.taps * s.c_slice * s.o_slice;
  s.list = (s.rows * s.cols * s.group / BF16_DEPTH + 2) * bf16_products(p->precision);
  return s;
}

intptr_t filter_sum_lay_out(filter_sum *s, intptr_t scratch) {
  s->x = bf16_take(&scratch, s->slots * s->parts_packed * s->x_part * (long)sizeof(bf16));
  s->dy = bf16_take(&scratch, s->slots * s->parts_packed * s->dy_part * (long)sizeof(bf16));
  s->terms = bf16_take(&scratch, s->slots * most(s->x_blocks * BF16_DEPTH, s->dy_terms) * (long)sizeof(float *));
  s->partials = bf16_take(&scratch, s->tasks * s->partial * (long)sizeof(float));
  s->steps = bf16_take(&scratch, s->row_blocks * s->taps * s->list * (long)sizeof(bf16_step));
  s->counts = bf16_take(&scratch, s->row_blocks * s->taps * (long)sizeof(long));
  return scratch;
}

/* Whether any position from `first` to `last` of a unit's rows and columns is in the tensor. */
static int any_inside(const bf16_axis *v, const bf16_axis *h, long plane, long row, long cols, long first, long last) {
  for (long at = first; at <= last; at++) {
    const long y = (row + at / cols) * v->stride + plane / h->reads - v->origin;
    const long x = at % cols * h->stride + plane % h->reads - h->origin;
    if (y >= 0 && y < v->source && x >= 0 && x < h->source) return 1;
  }
  return 0;
}

/* Lists for a tap and a block of rows which tiles of x meet which of dy. */
static void list_task(void *context, long begin, long end) {
  const filter_sum *s = context;
  for (long at = begin; at < end; at++) {
    const long row = at / s->taps * s->rows, tap = at % s->taps, rows = least(s->rows, s->p.oh - row);
    long down, row_off, across, col_off;
    bf16_meets(&s->vertical, 0, tap / s->p.kw, &down, &row_off);
    bf16_meets(&s->horizontal, 0, tap % s->p.kw, &across, &col_off);
    const long plane = down * s->horizontal.reads + across, move = row_off * s->cols + col_off, ends = rows * s->cols;
    bf16_step *first = s->steps + at * s->list, *to = first;
    for (long block = move * s->group / BF16_DEPTH; block * BF16_DEPTH < (move + ends) * s->group; block++) {
      const long term = block * BF16_DEPTH, from = term / s->group, last = (term + BF16_DEPTH - 1) / s->group;
      if (!any_inside(&s->vertical, &s->horizontal, plane, row, s->cols, from, last) ||
          !any_inside(&s->identity_v, &s->identity_h, 0, row, s->cols, most(from - move, 0),
                      least(last - move, ends - 1)))
        continue;
      const bf16_step one = {(plane * s->x_blocks + block) * BF16_DEPTH * BF16_BLOCK,
                             (term - move * s->group + BF16_DEPTH) * BF16_TILE};
      to += bf16_put_steps(to, s->p.precision, one, s->x_part, s->dy_part);
    }
    s->counts[at] = to - first;
  }
}

void filter_sum_list(const filter_sum *s) {
  steppe_parallel(s->row_blocks * s->taps, 1 + 512 / s->list, list_task, (void *)s);
}
