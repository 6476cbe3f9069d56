/* Depthwise convolution: every channel of y is one channel of x, filtered. Each multiply-add needs two loads, so there
 * is no tile to be had: the sums of a few vectors of channels stay in registers while the taps pass.
 *
 * With a multiplier m, x is first repeated m times along its channels (and the gradient of x summed over them at the
 * end): then there is but one case, o channels each with a filter of its own. */
#include "conv/depthwise.h"

#include <string.h>

#include "runtime/check.h"
#include "vector/vec.h"

#define BLOCK 4 /* vectors of channels in registers: enough sums in flight to hide the latency of an add */
#define WORK_PER_TASK 65536

typedef struct {
  const float *source, *w;
  float *destination;
  axis vertical, horizontal;
  const axis_group *rows, *cols;
  long row_groups, col_groups, channels;
  int gradient;
} depthwise_sum;

/* The taps of one destination. */
typedef struct {
  const float *x, *w;
  long rows, cols, x_row, x_col, w_row, w_col;
} terms;

#define SUM(vectors, c)                                                                                       \
  {                                                                                                           \
    vf sum[vectors];                                                                                          \
    UNROLL for (int j = 0; j < vectors; j++) sum[j] = splat(0);                                               \
    for (long i = 0; i < t->rows; i++) {                                                                      \
      for (long k = 0; k < t->cols; k++) {                                                                    \
        const float *x = t->x + i * t->x_row + k * t->x_col + c, *w = t->w + i * t->w_row + k * t->w_col + c; \
        UNROLL for (int j = 0; j < vectors; j++) sum[j] += load(x + j * VL) * load(w + j * VL);               \
      }                                                                                                       \
    }                                                                                                         \
    UNROLL for (int j = 0; j < vectors; j++) store(y + c + j * VL, sum[j]);                                   \
  }

static void add_terms(const terms *t, float *y, long channels) {
  long c = 0;
  for (; c + BLOCK * VL <= channels; c += BLOCK * VL) SUM(BLOCK, c)
  for (; c + VL <= channels; c += VL) SUM(1, c)
  if (c < channels && channels >= VL) {
    /* The last vector again, moved back to end with the channels: its lanes are written twice, alike. */
    SUM(1, channels - VL)
    return;
  }
  for (; c < channels; c++) {
    float sum = 0;
    for (long i = 0; i < t->rows; i++) {
      for (long k = 0; k < t->cols; k++)
        sum += t->x[i * t->x_row + k * t->x_col + c] * t->w[i * t->w_row + k * t->w_col + c];
    }
    y[c] = sum;
  }
}

/* Taps of a group follow each other in a direction that the first two show. */
static long tap_at(const axis *a, long packed, int gradient) {
  return gradient ? axis_gradient_tap(a, packed) : packed;
}
static long tap_step(const axis *a, const axis_group *g, int gradient) {
  return g->taps > 1 ? tap_at(a, g->tap + 1, gradient) - tap_at(a, g->tap, gradient) : 0;
}

static void row_task(void *context, long begin, long end) {
  const depthwise_sum *s = context;
  long channels = s->channels, width = s->horizontal.source, kw = s->horizontal.taps;
  for (long task = begin; task < end; task++) {
    long image = task / s->vertical.destination, row = task % s->vertical.destination;
    const axis_group *r = s->rows;
    while ((row - r->first) % r->step || row < r->first || (row - r->first) / r->step >= r->count) r++;
    long x_row = image * s->vertical.source + (r->taps ? r->source + (row - r->first) / r->step * r->source_step : 0);
    long tap_row = r->taps ? tap_at(&s->vertical, r->tap, s->gradient) : 0;
    for (long g = 0; g < s->col_groups; g++) {
      const axis_group *col = s->cols + g;
      long tap_col = col->taps ? tap_at(&s->horizontal, col->tap, s->gradient) : 0;
      terms t = {.rows = r->taps,
                 .cols = col->taps,
                 .x_row = r->tap_step * width * channels,
                 .x_col = col->tap_step * channels,
                 .w = s->w + (tap_row * kw + tap_col) * channels,
                 .w_row = tap_step(&s->vertical, r, s->gradient) * kw * channels,
                 .w_col = tap_step(&s->horizontal, col, s->gradient) * channels};
      for (long i = 0; i < col->count; i++) {
        t.x = s->source + (x_row * width + col->source + i * col->source_step) * channels;
        add_terms(&t, s->destination + (task * s->horizontal.destination + col->first + i * col->step) * channels,
                  channels);
      }
    }
  }
}

static void run(depthwise_sum *s, long images, axis_group *groups) {
  long (*group)(const axis *, axis_group *) = s->gradient ? axis_gradient : axis_forward;
  axis_group *cols = groups + s->vertical.destination;
  s->rows = groups, s->cols = cols;
  s->row_groups = group(&s->vertical, groups);
  s->col_groups = group(&s->horizontal, cols);
  long work = s->horizontal.destination * s->channels * s->vertical.taps * s->horizontal.taps;
  steppe_parallel(images * s->vertical.destination, 1 + WORK_PER_TASK / (work + 1), row_task, s);
}

static axis_group *groups_in(void *scratch, const steppe_conv *p, int which) {
  return (axis_group *)((char *)scratch + depthwise_repeated_bytes(p, which));
}

int depthwise_fits(const steppe_conv *p) {
  return windows_fit(p) && FITS(p->kh, p->kw, p->o) && (p->c ? p->o % p->c == 0 : p->o == 0);
}

int steppe_depthwise(const float *x, const float *w, float *y, const steppe_conv *p, void *scratch) {
  REQUIRE(depthwise_fits(p));
  if (!p->n || !p->oh || !p->ow || !p->o) return STEPPE_OK;
  REQUIRE(THERE(y, scratch) && (x || !p->h || !p->w) && (w || !p->kh || !p->kw));
  depthwise_sum s = {.source = p->o == p->c ? x : depthwise_repeat(x, p, scratch),
                     .w = w,
                     .destination = y,
                     .channels = p->o,
                     .vertical = {p->h, p->kh, p->oh, p->stride_h, p->dilation_h, p->pad_top},
                     .horizontal = {p->w, p->kw, p->ow, p->stride_w, p->dilation_w, p->pad_left}};
  run(&s, p->n, groups_in(scratch, p, STEPPE_DEPTHWISE_FORWARD));
  return STEPPE_OK;
}

int steppe_depthwise_input_grad(const float *dy, const float *w, float *dx, const steppe_conv *p, void *scratch) {
  REQUIRE(depthwise_fits(p));
  if (!p->n || !p->h || !p->w || !p->c) return STEPPE_OK;
  REQUIRE(THERE(dx, scratch) && (dy || !p->oh || !p->ow || !p->o) && (w || !p->kh || !p->kw || !p->o));
  depthwise_sum s = {.source = dy,
                     .w = w,
                     .destination = p->o == p->c ? dx : scratch,
                     .channels = p->o,
                     .gradient = 1,
                     .vertical = {p->oh, p->kh, p->h, p->stride_h, p->dilation_h, p->pad_top},
                     .horizontal = {p->ow, p->kw, p->w, p->stride_w, p->dilation_w, p->pad_left}};
  run(&s, p->n, groups_in(scratch, p, STEPPE_DEPTHWISE_INPUT_GRAD));
  if (p->o != p->c) depthwise_collect(scratch, p, dx);
  return STEPPE_OK;
}
