/* Max and average pooling of images, with their gradients. Channels are the inner loop; a thread works on whole rows of
 * an image (forward) or whole images (gradients), so that no two threads write to one place. */
#include <math.h>
#include <string.h>

#include "runtime/check.h"
#include "steppe.h"
#include "vector/vec.h"

typedef struct {
  const float *x, *dy;
  float *y;
  const steppe_conv *p;
  int average;
} pool_context;

/* The part [*from, *to) of a window of `size` taps that lies inside [0, extent); *to may be less where none does. */
static inline void inside(int start, int size, int dilation, int extent, int *from, int *to) {
  long first = start < 0 ? -(long)start : 0, last = start >= extent ? 0 : (long)extent - start;
  if (dilation > 1) first = (first + dilation - 1) / dilation, last = (last + dilation - 1) / dilation;
  *to = last < size ? (int)last : size;
  *from = (int)first;
}

/* Taps of a window that has so many rows and columns of them inside, or fewer than none. Not inlined: there it costs
 * more. */
__attribute__((noinline)) static float taps_of(int rows, int cols) {
  return rows > 0 && cols > 0 ? (float)(rows * cols) : 0;
}

static void pool_task(void *context, long begin, long end) {
  const pool_context *c = context;
  const steppe_conv *p = c->p;
  const long channels = p->c;
  for (long row = begin; row < end; row++) {
    long n = row / p->oh;
    int top = (int)(row % p->oh) * p->stride_h - p->pad_top, i0, i1, j0, j1;
    inside(top, p->kh, p->dilation_h, p->h, &i0, &i1);
    for (int ow = 0; ow < p->ow; ow++) {
      float *y = c->y + (row * p->ow + ow) * channels;
      int left = ow * p->stride_w - p->pad_left;
      inside(left, p->kw, p->dilation_w, p->w, &j0, &j1);
      const float first = c->average ? 0.0f : -INFINITY;
      for (long k = 0; k < channels; k++) y[k] = first;
      for (int i = i0; i < i1; i++)
        for (int j = j0; j < j1; j++) {
          const float *x = c->x + ((n * p->h + top + i * p->dilation_h) * p->w + left + j * p->dilation_w) * channels;
          if (c->average) INDEPENDENT for (long k = 0; k < channels; k++) y[k] += x[k];
          else INDEPENDENT for (long k = 0; k < channels; k++) y[k] = x[k] > y[k] ? x[k] : y[k];
        }
      if (c->average) {
        const float taps = taps_of(i1 - i0, j1 - j0);
        for (long k = 0; k < channels; k++) y[k] /= taps;
      }
    }
  }
}

int steppe_pool(const float *x, float *y, const steppe_conv *p, int average) {
  REQUIRE(windows_fit(p) && p->o == p->c);
  if (!p->n || !p->oh || !p->ow || !p->c) return STEPPE_OK;
  REQUIRE(THERE(x, y));
  pool_context context = {x, NULL, y, p, average};
  long work = (long)p->ow * p->kh * p->kw * p->c;
  steppe_parallel((long)p->n * p->oh, GRAIN / (work + 1) + 1, pool_task, &context);
  return STEPPE_OK;
}

static void average_grad(const pool_context *c, float *dx, const float *dy, int i0, int i1, int j0, int j1, int top,
                         int left) {
  const steppe_conv *p = c->p;
  /* as tfjs does, although its forward divides by the taps inside */
  const float share = 1.0f / (float)((long)p->kh * p->kw);
  for (int i = i0; i < i1; i++)
    for (int j = j0; j < j1; j++) {
      float *to = dx + ((long)(top + i * p->dilation_h) * p->w + left + j * p->dilation_w) * p->c;
      INDEPENDENT for (long k = 0; k < p->c; k++) to[k] += dy[k] * share;
    }
}

/* The first of equal maxima takes the whole gradient. */
static void max_grad(const pool_context *c, const float *x, float *dx, const float *dy, int i0, int i1, int j0, int j1,
                     int top, int left) {
  const steppe_conv *p = c->p;
  enum { STRIP = 64 };
  for (long k0 = 0; k0 < p->c; k0 += STRIP) {
    const long strip = p->c - k0 < STRIP ? p->c - k0 : STRIP;
    float best[STRIP];
    int32_t where[STRIP];
    for (long k = 0; k < strip; k++) best[k] = -INFINITY, where[k] = -1;
    for (int i = i0; i < i1; i++)
      for (int j = j0; j < j1; j++) {
        const int32_t at = (top + i * p->dilation_h) * p->w + left + j * p->dilation_w;
        const float *v = x + (long)at * p->c + k0;
        INDEPENDENT for (long k = 0; k < strip; k++) {
          where[k] = v[k] > best[k] ? at : where[k];
          best[k] = v[k] > best[k] ? v[k] : best[k];
        }
      }
    for (long k = 0; k < strip; k++)
      if (where[k] >= 0) dx[(long)where[k] * p->c + k0 + k] += dy[k0 + k];
  }
}

static void pool_grad_task(void *context, long begin, long end) {
  const pool_context *c = context;
  const steppe_conv *p = c->p;
  const long image = (long)p->h * p->w * p->c;
  for (long n = begin; n < end; n++) {
    const float *x = c->x ? c->x + n * image : NULL, *dy = c->dy + n * p->oh * p->ow * p->c;
    float *dx = c->y + n * image;
    memset(dx, 0, image * sizeof(float));
    for (int oh = 0; oh < p->oh; oh++)
      for (int ow = 0; ow < p->ow; ow++, dy += p->c) {
        int top = oh * p->stride_h - p->pad_top, left = ow * p->stride_w - p->pad_left, i0, i1, j0, j1;
        inside(top, p->kh, p->dilation_h, p->h, &i0, &i1);
        inside(left, p->kw, p->dilation_w, p->w, &j0, &j1);
        if (c->average) average_grad(c, dx, dy, i0, i1, j0, j1, top, left);
        else max_grad(c, x, dx, dy, i0, i1, j0, j1, top, left);
      }
  }
}

int steppe_pool_grad(const float *x, const float *dy, float *dx, const steppe_conv *p, int average) {
  REQUIRE(windows_fit(p) && p->o == p->c);
  if (!p->n || !p->h || !p->w || !p->c) return STEPPE_OK;
  REQUIRE(THERE(dy, dx) && (average || x));
  pool_context context = {x, dy, dx, p, average};
  steppe_parallel(p->n, 1, pool_grad_task, &context);
  return STEPPE_OK;
}
