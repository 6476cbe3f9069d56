/* The filter, patches of the source and results of a convolution, in the basis of winograd.h and back. */
#include "tile/tile.h"
#include "winograd/patch.h"
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

void winograd_read(const winograd *g, long first, long last, float *to, long step) {
  const conv_in in = conv_in_of(g->fusion, 0);
  for (long patch = first; patch < last; patch++, to += g->channels) {
    const long top = patch / g->across % g->down * 2 - g->pad_top, left = patch % g->across * 2 - g->pad_left;
    const float *image = g->source + patch / (g->across * g->down) * g->height * g->width * g->channels;
    const patch_pixels pixels = patch_at(image, g->height, g->width, g->channels, top, left);
    read_patch(&pixels, in, conv_in_changes(g->fusion), g->channels, to, step);
  }
}

static inline vf finished(const winograd *g, vf y, long to, long o) {
  const steppe_conv_fusion *f = g->fusion;
  if (f && f->residual) y += load(f->residual + to);
  if (f && f->bias) y += load(f->bias + o);
  if (f && f->relu) y = floored(y, splat(0));
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
