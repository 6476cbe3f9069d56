/* The depthwise filter gradient, and the multiplier of depthwise convolutions. */
#include <string.h>

#include "conv/depthwise.h"
#include "runtime/check.h"
#include "runtime/common.h"
#include "vector/vec.h"

#define PARTS 16
#define BLOCK 4
#define PER_TASK 16384

typedef struct {
  const float *x;
  float *y;
  long channels, times;
} repeating;

static void repeat_task(void *context, long begin, long end) {
  const repeating *r = context;
  for (long i = begin; i < end; i++) {
    for (long k = 0; k < r->times; k++) r->y[i * r->times + k] = r->x[i];
  }
}

static void collect_task(void *context, long begin, long end) {
  const repeating *r = context;
  for (long i = begin; i < end; i++) {
    float sum = 0;
    for (long k = 0; k < r->times; k++) sum += r->x[i * r->times + k];
    r->y[i] = sum;
  }
}

static long elements(const steppe_conv *p) { return (long)p->n * p->h * p->w * p->c; }

long depthwise_repeated_bytes(const steppe_conv *p, int which) {
  (void)which;
  return p->o == p->c || p->c == 0 ? 0 : (elements(p) / p->c * p->o * (long)sizeof(float) + 63) / 64 * 64;
}

const float *depthwise_repeat(const float *x, const steppe_conv *p, float *repeated) {
  repeating r = {x, repeated, p->c, p->o / p->c};
  steppe_parallel(elements(p), PER_TASK, repeat_task, &r);
  return repeated;
}

void depthwise_collect(const float *repeated, const steppe_conv *p, float *dx) {
  repeating r = {repeated, dx, p->c, p->o / p->c};
  steppe_parallel(elements(p), PER_TASK, collect_task, &r);
}

typedef struct {
  const float *x, *dy;
  float *partials;
  const steppe_conv *p;
  long parts;
} grad;

/* The destinations, along one axis, whose tap k falls inside the source. */
static void reach(long size, long out, long stride, long low, long *from, long *to) {
  *from = low <= 0 ? 0 : (low + stride - 1) / stride;
  *to = size + low <= 0 ? 0 : least(out, (size + low + stride - 1) / stride);
}

#define SUM(vectors, c)                                                                         \
  {                                                                                             \
    vf sum[vectors];                                                                            \
    UNROLL for (int j = 0; j < vectors; j++) sum[j] = load(dw + c + j * VL);                    \
    for (long i = 0; i < rows; i++) {                                                           \
      const float *a = x + i * x_row + c, *b = dy + i * dy_row + c;                             \
      for (long k = 0; k < cols; k++, a += x_col, b += channels) {                              \
        UNROLL for (int j = 0; j < vectors; j++) sum[j] += load(a + j * VL) * load(b + j * VL); \
      }                                                                                         \
    }                                                                                           \
    UNROLL for (int j = 0; j < vectors; j++) store(dw + c + j * VL, sum[j]);                    \
  }

static void add_products(const float *x, const float *dy, long rows, long cols, long x_row, long x_col, long dy_row,
                         long channels, float *dw) {
  long c = 0;
  for (; c + BLOCK * VL <= channels; c += BLOCK * VL) SUM(BLOCK, c)
  for (; c + VL <= channels; c += VL) SUM(1, c)
  for (; c < channels; c++) {
    float sum = dw[c];
    for (long i = 0; i < rows; i++) {
      for (long k = 0; k < cols; k++) sum += x[i * x_row + k * x_col + c] * dy[i * dy_row + k * channels + c];
    }
    dw[c] = sum;
  }
}

static void part_task(void *context, long begin, long end) {
  const grad *g = context;
  const steppe_conv *p = g->p;
  long channels = p->o, taps = (long)p->kh * p->kw;
  for (long part = begin; part < end; part++) {
    float *dw = g->partials + part * taps * channels;
    memset(dw, 0, taps * channels * sizeof(float));
    for (long n = part * p->n / g->parts; n < (part + 1) * p->n / g->parts; n++) {
      for (long tap = 0; tap < taps; tap++) {
        long low = p->pad_top - tap / p->kw * p->dilation_h, left = p->pad_left - tap % p->kw * p->dilation_w, i0, i1,
             j0, j1;
        reach(p->h, p->oh, p->stride_h, low, &i0, &i1);
        reach(p->w, p->ow, p->stride_w, left, &j0, &j1);
        if (i0 >= i1 || j0 >= j1) continue;
        const float *x = g->x + ((n * p->h + i0 * p->stride_h - low) * p->w + j0 * p->stride_w - left) * channels;
        const float *dy = g->dy + ((n * p->oh + i0) * p->ow + j0) * channels;
        add_products(x, dy, i1 - i0, j1 - j0, (long)p->stride_h * p->w * channels, p->stride_w * channels,
                     p->ow * channels, channels, dw + tap * channels);
      }
    }
  }
}

static long part_count(const steppe_conv *p) { return most(least(p->n, PARTS), 1); }

int steppe_depthwise_filter_grad(const float *x, const float *dy, float *dw, const steppe_conv *p, void *scratch) {
  REQUIRE(depthwise_fits(p));
  long count = (long)p->kh * p->kw * p->o;
  if (count == 0) return STEPPE_OK;
  REQUIRE(THERE(dw, scratch) && (!p->n || ((x || !p->h || !p->w) && (dy || !p->oh || !p->ow))));
  grad g = {p->o == p->c ? x : depthwise_repeat(x, p, scratch), dy,
            (float *)((char *)scratch + depthwise_repeated_bytes(p, STEPPE_DEPTHWISE_FILTER_GRAD)), p, part_count(p)};
  steppe_parallel(g.parts, 1, part_task, &g);
  for (long i = 0; i < count; i++) {
    float sum = g.partials[i];
    for (long part = 1; part < g.parts; part++) sum += g.partials[part * count + i];
    dw[i] = sum;
  }
  return STEPPE_OK;
}

long depthwise_scratch(const steppe_conv *p, int which) {
  long groups = which == STEPPE_DEPTHWISE_FORWARD ? (long)p->oh + p->ow : (long)p->h + p->w;
  long rest = which == STEPPE_DEPTHWISE_FILTER_GRAD ? part_count(p) * p->kh * p->kw * p->o * (long)sizeof(float)
                                                    : groups * (long)sizeof(axis_group);
  return depthwise_repeated_bytes(p, which) + rest;
}
