#include "conv/grad.h"

#include "bf16/conv.h"
#include "conv/changed.h"
#include "conv/pointwise.h"
#include "runtime/check.h"
#include "runtime/common.h"
#include "tile/tile.h"
#include "winograd/filter_grad.h"

/* Channels of x in a region: with a panel of outputs and 3x3 taps, its partial result stays in a second-level cache. */
#define SLICE 64
/* Below so many channels, the taps of a row are taken together: they fill taller tiles. */
#define JOIN_BELOW 32
/* Floats of x and dy in a block; they stay in the second-level cache while all taps and tiles pass over them. */
#define BLOCK_FLOATS 65536
#define WANTED_TASKS 16
/* Panels of outputs that share a copy of x. */
#define TOGETHER 4

filter_grad filter_grad_cut(const steppe_conv *p, int changes_x) {
  filter_grad g = {.p = *p};
  g.slice = SLICE;
  g.slices = (p->c + SLICE - 1) / SLICE;
  g.panels = (p->o + TILE_WIDTH - 1) / TILE_WIDTH;
  g.joined = p->c < JOIN_BELOW && p->kw > 1 && p->dilation_w == 1;
  /* A single tap reads everything but a few times: then a copy is not worth its while. */
  int many = p->kh * p->kw > 1;
  const int copies = g.joined || (p->c > SLICE && many);
  g.copy_x = copies || changes_x;
  g.copy_dy = (p->o > TILE_WIDTH && many) || p->o % VL;
  g.x_width = g.joined ? most((p->ow - 1) * p->stride_w + p->kw, 0) : p->w;
  long image = most((long)p->oh * p->ow, 1);
  long wanted = most(BLOCK_FLOATS / (least(p->c, SLICE) + least(p->o, TILE_WIDTH) + 1), 1);
  g.block_rows = image <= wanted * 3 / 2 ? most(p->oh, 1) : most(wanted / most(p->ow, 1), 1);
  g.block_images = image <= wanted * 3 / 2 ? most(least(wanted / image, p->n / WANTED_TASKS), 1) : 1;
  g.blocks = (p->n + g.block_images - 1) / g.block_images * ((p->oh + g.block_rows - 1) / g.block_rows);
  /* Whether x is changed must not show in the sum, nor in the room that it takes. */
  g.together = copies ? TOGETHER : 1;
  g.parts = most(least(g.blocks, WANTED_TASKS / most(filter_grad_tasks(&g), 1)), 1);
  return g;
}

long filter_grad_tasks(const filter_grad *g) {
  return most(g->parts, 1) * g->slices * ((g->panels + g->together - 1) / g->together);
}

static long partials(const filter_grad *g) { return g->parts * g->slices * g->panels; }

long filter_grad_partial(const filter_grad *g) {
  return (long)g->p.kh * g->p.kw * least(g->slice, g->p.c) * least(TILE_WIDTH, panels_width(g->p.o));
}

long filter_grad_slot(const filter_grad *g) {
  const steppe_conv *p = &g->p;
  long reach = least((g->block_rows - 1) * p->stride_h + (p->kh - 1) * (long)p->dilation_h + 1, p->h);
  long x = g->copy_x ? most(reach, 0) * g->x_width * least(g->slice, p->c) : 0;
  return g->block_images * (x + g->block_rows * p->ow * (g->copy_dy || x ? TILE_WIDTH : 0));
}

/* Adds the parts of one row of the filter after the other. */
static void add_parts(void *context, long begin, long end) {
  const filter_grad *g = context;
  long c = g->p.c, o = g->p.o, partial = filter_grad_partial(g);
  for (long row = begin; row < end; row++) {
    long channel = row % c, slice = channel / g->slice, channels = least(g->slice, c - slice * g->slice);
    for (long panel = 0; panel < g->panels; panel++) {
      long first = panel * TILE_WIDTH, columns = least(TILE_WIDTH, o - first), width = panel_vectors(o, first) * VL;
      const float *from = g->partials + (panel * g->slices + slice) * g->parts * partial +
                          (row / c * channels + channel - slice * g->slice) * width;
      float *to = g->dw + row * o + first;
      for (long j = 0; j < columns; j++) to[j] = from[j];
      for (long part = 1; part < g->parts; part++) {
        for (long j = 0; j < columns; j++) to[j] += from[part * partial + j];
      }
    }
  }
}

int steppe_conv2d_filter_grad(const float *x, const float *dy, float *dw, const steppe_conv *p,
                              const steppe_conv_fusion *fusion, void *scratch) {
  REQUIRE(windows_fit(p) && FITS(p->kh, p->kw, p->c, p->o) && is_precision(p->precision));
  REQUIRE(!fusion || (!fusion->in_scale == !fusion->in_shift && !fusion->bias && !fusion->residual && !fusion->relu &&
                      p->precision == STEPPE_HIGHEST));
  if (!p->kh || !p->kw || !p->c || !p->o) return STEPPE_OK;
  REQUIRE(dw && (scratch || !steppe_conv2d_scratch(p, STEPPE_CONV_FILTER_GRAD)) &&
          (!p->n || ((x || !p->h || !p->w) && (dy || !p->oh || !p->ow))));
  if (p->precision != STEPPE_HIGHEST) {
    bf16_conv_filter_grad(x, dy, dw, p, scratch);
    return STEPPE_OK;
  }
  if (winograd_filter_grad_fits(p)) {
    winograd_filter_grad(x, dy, dw, p, fusion, scratch);
    return STEPPE_OK;
  }
  if (pointwise_filter_grad_fits(p)) {
    pointwise_filter_grad(x, dy, dw, p, fusion, scratch);
    return STEPPE_OK;
  }
  filter_grad g = filter_grad_cut(p, conv_in_changes(fusion));
  g.x = x, g.dy = dy, g.dw = dw, g.fusion = fusion, g.partials = scratch;
  g.slots = g.partials + partials(&g) * filter_grad_partial(&g);
  steppe_parallel(filter_grad_tasks(&g), 1, filter_grad_task, &g);
  steppe_parallel((long)p->kh * p->kw * p->c, 1 + 16384 / (1 + p->o * g.parts), add_parts, &g);
  return STEPPE_OK;
}

static long scratch_floats(const steppe_conv *p, int changes_x) {
  const filter_grad g = filter_grad_cut(p, changes_x);
  return partials(&g) * filter_grad_partial(&g) + filter_grad_tasks(&g) * filter_grad_slot(&g);
}

long filter_grad_scratch(const steppe_conv *p) {
  if (winograd_filter_grad_fits(p)) return winograd_filter_grad_scratch(p);
  if (pointwise_filter_grad_fits(p)) return pointwise_filter_grad_scratch(p);
  return most(scratch_floats(p, 0), scratch_floats(p, 1)) * (long)sizeof(float);
}
