/* Odd convolutions and pools. */
#include "fuzz.h"

/* A window with the extents that belong to it, or with one that does not. */
static steppe_conv window(void) {
  steppe_conv p = {.n = (int)fuzz_below(4),
                   .h = (int)fuzz_extent(),
                   .w = (int)fuzz_extent(),
                   .c = (int)fuzz_extent(),
                   .kh = (int)fuzz_below(5),
                   .kw = (int)fuzz_below(5),
                   .o = (int)fuzz_extent(),
                   .stride_h = fuzz_step(),
                   .stride_w = fuzz_step(),
                   .dilation_h = fuzz_step(),
                   .dilation_w = fuzz_step(),
                   .pad_top = (int)fuzz_below(3),
                   .pad_left = (int)fuzz_below(3)};
  if (fuzz_below(3) == 0) p.kh = p.kw = 3, p.stride_h = p.stride_w = p.dilation_h = p.dilation_w = 1;
  if (fuzz_below(8) == 0) p.c = 64, p.o = 64;
  if (fuzz_below(30) == 0) p.kh = (int)fuzz_extent();
  if (fuzz_below(30) == 0) p.pad_left = (int)fuzz_extent();
  const long high = (long)p.h + p.pad_top + fuzz_below(3), wide = (long)p.w + p.pad_left + fuzz_below(3);
  const long down = high - (p.kh - 1L) * p.dilation_h - 1, across = wide - (p.kw - 1L) * p.dilation_w - 1;
  /* without care for a filter that is larger than the image: then the extents are negative, as they once came from
   * tfjs */
  p.oh = (int)((p.stride_h > 0 ? down / p.stride_h : down) + 1);
  p.ow = (int)((p.stride_w > 0 ? across / p.stride_w : across) + 1);
  if (p.oh < 0 && fuzz_below(4)) p.oh = 0;
  if (p.ow < 0 && fuzz_below(4)) p.ow = 0;
  if (fuzz_below(30) == 0) p.oh = (int)fuzz_extent();
  if (fuzz_below(30) == 0) p.n = (int)fuzz_extent();
  if (fuzz_below(2)) p.precision = fuzz_choice(3);
  return p;
}

static void *x_of(const steppe_conv *p, fuzz_use use) { return MEMORY(use, 4, p->n, p->h, p->w, p->c); }
static void *y_of(const steppe_conv *p, fuzz_use use) { return MEMORY(use, 4, p->n, p->oh, p->ow, p->o); }
static void *w_of(const steppe_conv *p, int depthwise, fuzz_use use) {
  return MEMORY(use, 4, p->kh, p->kw, depthwise ? 1 : p->c, p->o);
}

static void *scratch_of(const steppe_conv *p, int which) {
  const long bytes = steppe_conv2d_scratch(p, which);
  return SCRATCH(bytes < 0 ? 0 : bytes);
}

static void convolutions(const steppe_conv *p) {
  float *x = x_of(p, FUZZ_READ), *w = w_of(p, 0, FUZZ_READ), *y = y_of(p, FUZZ_WRITTEN),
        *scratch = scratch_of(p, STEPPE_CONV_FORWARD);
  steppe_conv_fusion fusion = {.in_relu = (int)fuzz_below(2), .relu = (int)fuzz_below(2)};
  if (fuzz_below(2)) fusion.in_scale = READ(4, p->c), fusion.in_shift = READ(4, p->c);
  if (fuzz_below(2)) fusion.bias = READ(4, p->o);
  if (fuzz_below(2)) fusion.residual = y_of(p, FUZZ_READ);
  const steppe_conv_fusion *fused = fuzz_below(2) ? &fusion : NULL;
  CALL("steppe_conv2d", steppe_conv2d(x, w, y, p, fused, scratch));
  y = y_of(p, FUZZ_READ), w = w_of(p, 0, FUZZ_READ), x = x_of(p, FUZZ_WRITTEN),
  scratch = scratch_of(p, STEPPE_CONV_INPUT_GRAD);
  CALL("steppe_conv2d_input_grad", steppe_conv2d_input_grad(y, w, x, p, scratch));
  x = x_of(p, FUZZ_READ), y = y_of(p, FUZZ_READ), w = w_of(p, 0, FUZZ_WRITTEN),
  scratch = scratch_of(p, STEPPE_CONV_FILTER_GRAD);
  if (fusion.in_scale) fusion.in_scale = READ(4, p->c), fusion.in_shift = READ(4, p->c);
  if (fuzz_below(4)) fusion.bias = fusion.residual = NULL, fusion.relu = 0;
  CALL("steppe_conv2d_filter_grad", steppe_conv2d_filter_grad(x, y, w, p, fused, scratch));
}

static void depthwise(const steppe_conv *p) {
  float *x = x_of(p, FUZZ_READ), *w = w_of(p, 1, FUZZ_READ), *y = y_of(p, FUZZ_WRITTEN),
        *scratch = scratch_of(p, STEPPE_DEPTHWISE_FORWARD);
  CALL("steppe_depthwise", steppe_depthwise(x, w, y, p, scratch));
  y = y_of(p, FUZZ_READ), w = w_of(p, 1, FUZZ_READ), x = x_of(p, FUZZ_WRITTEN),
  scratch = scratch_of(p, STEPPE_DEPTHWISE_INPUT_GRAD);
  CALL("steppe_depthwise_input_grad", steppe_depthwise_input_grad(y, w, x, p, scratch));
  x = x_of(p, FUZZ_READ), y = y_of(p, FUZZ_READ), w = w_of(p, 1, FUZZ_WRITTEN),
  scratch = scratch_of(p, STEPPE_DEPTHWISE_FILTER_GRAD);
  CALL("steppe_depthwise_filter_grad", steppe_depthwise_filter_grad(x, y, w, p, scratch));
}

static void pools(const steppe_conv *p) {
  const int average = (int)fuzz_below(2);
  float *x = x_of(p, FUZZ_READ), *y = y_of(p, FUZZ_WRITTEN);
  CALL("steppe_pool", steppe_pool(x, y, p, average));
  float *dy = y_of(p, FUZZ_READ), *dx = x_of(p, FUZZ_WRITTEN);
  x = x_of(p, FUZZ_READ);
  CALL("steppe_pool_grad", steppe_pool_grad(x, dy, dx, p, average));
}

void fuzz_images(void) {
  steppe_conv p = window();
  convolutions(&p);
  p = window();
  if (fuzz_below(10) && p.c > -1000 && p.c < 1000) p.o = p.c * (int)(1 + fuzz_below(3));
  depthwise(&p);
  p = window();
  if (fuzz_below(10)) p.o = p.c;
  pools(&p);
}
