#include "bf16/conv.h"

#include "conv/depthwise.h"
#include "conv/grad.h"
#include "conv/sum.h"
#include "runtime/check.h"
#include "winograd/winograd.h"

/* Parts of one scratch buffer, each on a cache line of its own; from 0 this measures. */
static void *take(intptr_t *cursor, long bytes) {
  void *part = (void *)*cursor;
  *cursor += (bytes + 63) / 64 * 64;
  return part;
}

/* Splits scratch for the sum; returns its end. */
static intptr_t lay_out(conv_sum *s, intptr_t scratch, axis_group **rows, axis_group **cols, float **panels) {
  long terms = s->vertical.taps * s->horizontal.taps * s->channels;
  *rows = take(&scratch, s->vertical.destination * sizeof(axis_group));
  *cols = take(&scratch, s->horizontal.destination * sizeof(axis_group));
  *panels = take(&scratch, panels_floats(terms, s->outputs) * sizeof(float));
  return scratch;
}

static conv_sum forward_sum(const steppe_conv *p) {
  conv_sum s = {.images = p->n,
                .channels = p->c,
                .outputs = p->o,
                .vertical = {p->h, p->kh, p->oh, p->stride_h, p->dilation_h, p->pad_top},
                .horizontal = {p->w, p->kw, p->ow, p->stride_w, p->dilation_w, p->pad_left}};
  conv_sum_cut(&s);
  return s;
}

static conv_sum gradient_sum(const steppe_conv *p) {
  conv_sum s = {.images = p->n,
                .channels = p->o,
                .outputs = p->c,
                .vertical = {p->oh, p->kh, p->h, p->stride_h, p->dilation_h, p->pad_top},
                .horizontal = {p->ow, p->kw, p->w, p->stride_w, p->dilation_w, p->pad_left}};
  conv_sum_cut(&s);
  return s;
}

static intptr_t lay_out_winograd(winograd *g, intptr_t scratch, float **panels) {
  *panels = take(&scratch, panels_floats(9 * g->channels, g->outputs) * sizeof(float));
  g->filter = take(&scratch, winograd_filter_floats(g) * sizeof(float));
  g->slots = take(&scratch, winograd_slots_floats(g) * sizeof(float));
  return scratch;
}

static int conv_fits(const steppe_conv *p) {
  return windows_fit(p) && FITS(p->kh, p->kw, p->c, p->o) && is_precision(p->precision);
}

static int fusion_fits(const steppe_conv_fusion *f) { return !f || !f->in_scale == !f->in_shift; }

int steppe_conv2d(const float *x, const float *w, float *y, const steppe_conv *p, const steppe_conv_fusion *fusion,
                  void *scratch) {
  REQUIRE(conv_fits(p) && fusion_fits(fusion) && (!fusion || p->precision == STEPPE_HIGHEST));
  if (!p->n || !p->oh || !p->ow || !p->o) return STEPPE_OK;
  REQUIRE(THERE(y, scratch) && (x || !p->h || !p->w || !p->c) && (w || !p->kh || !p->kw || !p->c));
  if (p->precision != STEPPE_HIGHEST) {
    bf16_conv(x, w, y, p, 0, scratch);
    return STEPPE_OK;
  }
  float *panels;
  if (winograd_fits(p)) {
    winograd g = winograd_forward(p);
    lay_out_winograd(&g, (intptr_t)scratch, &panels);
    pack_forward(w, p, panels);
    g.source = x, g.destination = y, g.panels = panels, g.fusion = fusion;
    winograd_run(&g);
    return STEPPE_OK;
  }
  conv_sum s = forward_sum(p);
  axis_group *rows, *cols;
  s.slots = (float *)lay_out(&s, (intptr_t)scratch, &rows, &cols, &panels);
  s.row_groups = axis_forward(&s.vertical, rows);
  s.col_groups = axis_forward(&s.horizontal, cols);
  pack_forward(w, p, panels);
  s.source = x, s.panels = panels, s.destination = y, s.rows = rows, s.cols = cols, s.fusion = fusion;
  conv_sum_run(&s);
  return STEPPE_OK;
}

int steppe_conv2d_input_grad(const float *dy, const float *w, float *dx, const steppe_conv *p, void *scratch) {
  REQUIRE(conv_fits(p));
  if (!p->n || !p->h || !p->w || !p->c) return STEPPE_OK;
  REQUIRE(THERE(dx, scratch) && (dy || !p->oh || !p->ow || !p->o) && (w || !p->kh || !p->kw || !p->o));
  if (p->precision != STEPPE_HIGHEST) {
    bf16_conv(dy, w, dx, p, 1, scratch);
    return STEPPE_OK;
  }
  float *panels;
  conv_sum s = gradient_sum(p);
  if (winograd_fits(p)) {
    winograd g = winograd_gradient(p);
    lay_out_winograd(&g, (intptr_t)scratch, &panels);
    pack_gradient(w, p, &s.vertical, &s.horizontal, panels);
    g.source = dy, g.destination = dx, g.panels = panels;
    winograd_run(&g);
    return STEPPE_OK;
  }
  axis_group *rows, *cols;
  lay_out(&s, (intptr_t)scratch, &rows, &cols, &panels);
  s.row_groups = axis_gradient(&s.vertical, rows);
  s.col_groups = axis_gradient(&s.horizontal, cols);
  pack_gradient(w, p, &s.vertical, &s.horizontal, panels);
  s.source = dy, s.panels = panels, s.destination = dx, s.rows = rows, s.cols = cols;
  conv_sum_run(&s);
  return STEPPE_OK;
}

static long forward_scratch(const steppe_conv *p) {
  conv_sum s = forward_sum(p);
  axis_group *rows, *cols;
  float *panels;
  return (long)lay_out(&s, 0, &rows, &cols, &panels) + conv_slots(&s) * conv_slot_floats(&s) * (long)sizeof(float);
}

static long gradient_scratch(const steppe_conv *p) {
  conv_sum s = gradient_sum(p);
  axis_group *rows, *cols;
  float *panels;
  return lay_out(&s, 0, &rows, &cols, &panels);
}

static long winograd_scratch(winograd g) {
  float *panels;
  return lay_out_winograd(&g, 0, &panels);
}

static long bf16_scratch(const steppe_conv *p, int which) {
  if (which == STEPPE_CONV_FILTER_GRAD) return bf16_conv_filter_grad_scratch(p);
  const int gradient = which == STEPPE_CONV_INPUT_GRAD;
  const int empty = gradient ? !p->n || !p->h || !p->w || !p->c : !p->n || !p->oh || !p->ow || !p->o;
  return empty ? 0 : bf16_conv_scratch(p, gradient);
}

long steppe_conv2d_scratch(const steppe_conv *p, int which) {
  if (which < STEPPE_CONV_FORWARD || which > STEPPE_DEPTHWISE_FILTER_GRAD) return -1;
  if (which <= STEPPE_CONV_FILTER_GRAD ? !conv_fits(p) : !depthwise_fits(p)) return -1;
  if (p->precision != STEPPE_HIGHEST && which <= STEPPE_CONV_FILTER_GRAD) return bf16_scratch(p, which);
  if (winograd_fits(p) && which == STEPPE_CONV_FORWARD) return winograd_scratch(winograd_forward(p));
  if (winograd_fits(p) && which == STEPPE_CONV_INPUT_GRAD) return winograd_scratch(winograd_gradient(p));
  if (which == STEPPE_CONV_FORWARD) return forward_scratch(p);
  if (which == STEPPE_CONV_INPUT_GRAD) return gradient_scratch(p);
  if (which == STEPPE_CONV_FILTER_GRAD) return filter_grad_scratch(p);
  return depthwise_scratch(p, which);
}
