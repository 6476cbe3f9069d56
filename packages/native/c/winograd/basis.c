/* The filter, patches of the source and results of a convolution, in the basis of winograd.h and back. */
#include "tile/tile.h"
#include "winograd/transform.h"
#include "winograd/winograd.h"

static void filter_task(void *context, long begin, long end) {
  const winograd *g = context;
  for (long task = begin; task < end; task++) {
    long channel = task % g->channels, o = task / g->channels * TILE_WIDTH, width = panel_vectors(g->outputs, o) * VL;
    const float *from = g->panels + o * 9 * g->channels + channel * width;
    float *to = g->filter + o * PATCH * g->channels + channel * width;
    for (long j = 0; j < width; j += VL) {
      vf u[PATCH];
      filter_basis(from + j, g->channels * width, u);
      UNROLL for (int i = 0; i < PATCH; i++) store(to + i * g->channels * width + j, u[i]);
    }
  }
}

void winograd_filter(const winograd *g) {
  steppe_parallel((g->outputs + TILE_WIDTH - 1) / TILE_WIDTH * g->channels, 64, filter_task, (void *)g);
}

/* max(x, 0) with the bits of the kernel Relu: NaN stays, and -0 becomes 0. */
static inline vf rectified(vf x) { return choose((x > splat(0)) | (x != x), x, splat(0)); }

/* A vector of the source as the fusion changes it. */
static inline vf changed(const winograd *g, vf x, long c) {
  const steppe_conv_fusion *f = g->fusion;
  if (f && f->in_scale) x = x * load(f->in_scale + c) + load(f->in_shift + c);
  if (f && f->in_relu) x = rectified(x);
  return x;
}

/* One patch, given its pixels; those outside of the image point to zeros, and stay there as c goes by. */
static inline void read_patch(const winograd *g, const float *const *pixel, const long *inside, int fused, float *to,
                              long step) {
  for (long c = 0; c < g->channels; c += VL) {
    vf d[PATCH], v[PATCH];
    UNROLL for (int i = 0; i < PATCH; i++) {
      d[i] = load(pixel[i] + c * inside[i]);
      if (fused && inside[i]) d[i] = changed(g, d[i], c);
    }
    to_basis(d, v);
    UNROLL for (int i = 0; i < PATCH; i++) store(to + i * step + c, v[i]);
  }
}

void winograd_read(const winograd *g, long first, long last, float *to, long step) {
  static const float zeros[VL];
  int fused = g->fusion && (g->fusion->in_scale || g->fusion->in_relu);
  for (long patch = first; patch < last; patch++, to += g->channels) {
    long top = patch / g->across % g->down * 2 - g->pad_top, left = patch % g->across * 2 - g->pad_left, inside[PATCH];
    const float *pixel[PATCH], *image = g->source + patch / (g->across * g->down) * g->height * g->width * g->channels;
    for (int i = 0; i < PATCH; i++) {
      long row = top + i / 4, col = left + i % 4;
      inside[i] = row >= 0 && row < g->height && col >= 0 && col < g->width;
      pixel[i] = inside[i] ? image + (row * g->width + col) * g->channels : zeros;
    }
    if (fused) {
      read_patch(g, pixel, inside, 1, to, step);
    } else {
      read_patch(g, pixel, inside, 0, to, step);
    }
  }
}

static inline vf finished(const winograd *g, vf y, long to, long o) {
  const steppe_conv_fusion *f = g->fusion;
  if (f && f->residual) y += load(f->residual + to);
  if (f && f->bias) y += load(f->bias + o);
  if (f && f->relu) y = rectified(y);
  return y;
}

void winograd_write(const winograd *g, long first, long last, long o, long width, const float *from, long step) {
  for (long patch = first; patch < last; patch++, from += width) {
    long row = patch / g->across % g->down * 2, col = patch % g->across * 2, image = patch / (g->across * g->down);
    long to = ((image * g->rows + row) * g->cols + col) * g->outputs + o, down = g->cols * g->outputs,
         right = g->outputs;
    int two_rows = row + 1 < g->rows, two_cols = col + 1 < g->cols;
    for (long j = 0; j < width; j += VL, to += VL) {
      vf m[PATCH], y[4];
      UNROLL for (int i = 0; i < PATCH; i++) m[i] = load(from + i * step + j);
      from_basis(m, y);
      store(g->destination + to, finished(g, y[0], to, o + j));
      if (two_cols) store(g->destination + to + right, finished(g, y[1], to + right, o + j));
      if (two_rows) store(g->destination + to + down, finished(g, y[2], to + down, o + j));
      if (two_rows && two_cols) store(g->destination + to + down + right, finished(g, y[3], to + down + right, o + j));
    }
  }
}
