/* Convolutions against their definition: for all positions, taps and channels, y += x * w, read in three directions. */

typedef struct {
  steppe_conv p;
  steppe_conv_fusion fusion;
  array x, w, y;
  int which;
  const float *init; /* what y holds before, where it is its own residual */
} conv_case;

static int run_conv(void *context) {
  conv_case *c = context;
  void *s = scratch(steppe_conv2d_scratch(&c->p, c->which));
  int code = -1;
  if (c->init) memcpy(c->y.at, c->init, c->y.count * 4);
  switch (c->which) {
    case STEPPE_CONV_FORWARD: code = steppe_conv2d(c->x.at, c->w.at, c->y.at, &c->p, &c->fusion, s); break;
    case STEPPE_CONV_INPUT_GRAD: code = steppe_conv2d_input_grad(c->y.at, c->w.at, c->x.at, &c->p, s); break;
    case STEPPE_CONV_FILTER_GRAD:
      code = steppe_conv2d_filter_grad(c->x.at, c->y.at, c->w.at, &c->p, &c->fusion, s);
      break;
    case STEPPE_DEPTHWISE_FORWARD: code = steppe_depthwise(c->x.at, c->w.at, c->y.at, &c->p, s); break;
    case STEPPE_DEPTHWISE_INPUT_GRAD: code = steppe_depthwise_input_grad(c->y.at, c->w.at, c->x.at, &c->p, s); break;
    case STEPPE_DEPTHWISE_FILTER_GRAD: code = steppe_depthwise_filter_grad(c->x.at, c->y.at, c->w.at, &c->p, s); break;
  }
  if (code) printf("code %d\n", code), failures++;
  free(s);
  return code;
}

static float scaled_input(const conv_case *c, float x, long channel) {
  return c->fusion.in_scale ? x * c->fusion.in_scale[channel] + c->fusion.in_shift[channel] : x;
}

/* Adds one product to what `which` asks for: sums[target] += product. What relu takes away counts in its size, since
 * the neighbours that it leaves are rounded. */
static void product(const conv_case *c, int which, long x, long w, long y, long channel, double *sum, double *size) {
  double a = which == 1 ? c->y.at[y] : scaled_input(c, c->x.at[x], channel);
  double b = which == 2 ? c->y.at[y] : c->w.at[w];
  long to = which == 0 ? y : which == 1 ? x : w;
  sum[to] += which != 1 && c->fusion.in_relu && a < 0 ? 0 : a * b;
  size[to] += fabs(a * b);
}

static void reference(const conv_case *k, int which, int depthwise, double *sum, double *size) {
  const steppe_conv *p = &k->p;
  long m = depthwise ? p->o / p->c : 1;
  for (long n = 0; n < p->n; n++)
    for (long i = 0; i < p->oh; i++)
      for (long j = 0; j < p->ow; j++)
        for (long u = 0; u < p->kh; u++)
          for (long v = 0; v < p->kw; v++) {
            long h = i * p->stride_h + u * p->dilation_h - p->pad_top,
                 w = j * p->stride_w + v * p->dilation_w - p->pad_left;
            if (h < 0 || h >= p->h || w < 0 || w >= p->w) continue;
            long x = ((n * p->h + h) * p->w + w) * p->c, y = ((n * p->oh + i) * p->ow + j) * p->o, f = u * p->kw + v;
            for (long o = 0; o < p->o; o++) {
              if (depthwise) product(k, which, x + o / m, f * p->o + o, y + o, o / m, sum, size);
              else
                for (long c = 0; c < p->c; c++)
                  product(k, which, x + c, (f * p->c + c) * p->o + o, y + o, c, sum, size);
            }
          }
}

static void check_case(conv_case *c, int which, int depthwise, const char *what) {
  array out = which == 0 ? c->y : which == 1 ? c->x : c->w;
  const steppe_conv *p = &c->p;
  char shape[200];
  snprintf(shape, sizeof shape, "n%d %dx%dx%d k%dx%d o%d %dx%d s%d,%d d%d,%d p%d,%d%s%s%s%s%s%s", p->n, p->h, p->w,
           p->c, p->kh, p->kw, p->o, p->oh, p->ow, p->stride_h, p->stride_w, p->dilation_h, p->dilation_w, p->pad_top,
           p->pad_left, c->fusion.bias ? " bias" : "", c->fusion.residual ? " residual" : "",
           c->fusion.relu ? " relu" : "", c->fusion.in_scale ? " scale" : "", c->fusion.in_relu ? " in_relu" : "",
           c->init ? " in place" : "");
  double *sum = calloc(out.count + 1, 8), *size = calloc(out.count + 1, 8);
  reference(c, which, depthwise, sum, size);
  for (long i = 0; which == 0 && i < out.count; i++) {
    if (c->fusion.bias) sum[i] += c->fusion.bias[i % p->o], size[i] += 1;
    if (c->fusion.residual) sum[i] += (c->init ? c->init : c->fusion.residual)[i], size[i] += 1;
    if (c->fusion.relu && sum[i] < 0) sum[i] = 0;
  }
  c->which = which + (depthwise ? STEPPE_DEPTHWISE_FORWARD : 0);
  twice(what, run_conv, c, out, shape);
  compare(what, out.at, sum, size, out.count, shape);
  free(sum), free(size);
}

static steppe_conv random_conv(int ragged, int depthwise) {
  static const long extents[] = {1, 3, 5, 7, 14, 17}, even[] = {16, 32, 48, 64, 80, 128},
                    odd[] = {1, 2, 3, 5, 10, 17, 33, 67};
  steppe_conv p = {.n = below(12) ? 1 + below(5) : 0,
                   .h = pick(extents, 6),
                   .w = pick(extents, 6),
                   .kh = 1 + below(4),
                   .kw = 1 + below(4),
                   .stride_h = 1 + below(3),
                   .stride_w = 1 + below(3),
                   .dilation_h = 1 + below(3),
                   .dilation_w = below(2) ? 1 : 1 + below(3)};
  if (below(3)) p.kh = p.kw = below(3) ? 3 : 1, p.dilation_h = p.dilation_w = 1, p.stride_h = p.stride_w = 1 + below(2);
  p.c = ragged ? pick(odd, 8) : pick(even, 6);
  p.o = depthwise ? p.c * (1 + below(3)) : below(3) ? (ragged ? pick(odd, 8) : pick(even, 6)) : p.c;
  if (below(40) == 0) p.h = 0;
  if (below(40) == 0) p.kw = 0;
  long reach_h = (p.kh - 1) * p.dilation_h + 1, reach_w = (p.kw - 1) * p.dilation_w + 1;
  p.pad_top = below(reach_h > 0 ? reach_h + 1 : 1), p.pad_left = below(reach_w > 0 ? reach_w + 1 : 1);
  long high = p.h + p.pad_top + below(3) - reach_h, wide = p.w + p.pad_left + below(3) - reach_w;
  p.oh = high < 0 ? 0 : high / p.stride_h + 1, p.ow = wide < 0 ? 0 : wide / p.stride_w + 1;
  return p;
}

/* Shapes that winograd.h takes. */
static steppe_conv wide_conv(void) {
  static const long extents[] = {4, 6, 13, 14, 20}, channels[] = {64, 80, 128, 144};
  steppe_conv p = {.n = 1 + below(3),
                   .h = pick(extents, 5),
                   .w = pick(extents, 5),
                   .c = pick(channels, 4),
                   .kh = 3,
                   .kw = 3,
                   .o = pick(channels, 4),
                   .stride_h = 1,
                   .stride_w = 1,
                   .dilation_h = 1,
                   .dilation_w = 1,
                   .pad_top = below(3),
                   .pad_left = below(3)};
  p.oh = p.h + p.pad_top + below(3) - 2, p.ow = p.w + p.pad_left + below(3) - 2;
  return p;
}

/* One that winograd/stages.c takes: a filter much larger than what it is applied to. */
static steppe_conv staged_conv(void) {
  return (steppe_conv){.n = 12,
                       .h = 6,
                       .w = 5,
                       .c = 384,
                       .kh = 3,
                       .kw = 3,
                       .o = 384,
                       .oh = 6,
                       .ow = 5,
                       .stride_h = 1,
                       .stride_w = 1,
                       .dilation_h = 1,
                       .dilation_w = 1,
                       .pad_top = 1,
                       .pad_left = 1};
}

static void check_conv(long i) {
  conv_case c = {.p = i % 100 == 99 ? staged_conv() : i % 8 == 7 ? wide_conv() : random_conv(i % 2, 0)};
  const steppe_conv *p = &c.p;
  c.x = make((long)p->n * p->h * p->w * p->c), c.w = make((long)p->kh * p->kw * p->c * p->o),
  c.y = make((long)p->n * p->oh * p->ow * p->o);
  array scale = make(p->c), shift = make(p->c);
  const int scaled = below(2);
  conv_case changed = c;
  changed.fusion =
      (steppe_conv_fusion){.in_scale = scaled ? scale.at : 0, .in_shift = scaled ? shift.at : 0, .in_relu = below(2)};
  changed.w = make(c.w.count);
  check_case(&changed, 2, 0, "filter gradient of changed images");
  check_case(&c, 1, 0, "input gradient");
  check_case(&c, 2, 0, "filter gradient");
  array bias = make(p->o), residual = make(c.y.count);
  check_case(&c, 0, 0, "convolution");
  c.fusion = (steppe_conv_fusion){.in_scale = scaled ? scale.at : 0,
                                  .in_shift = scaled ? shift.at : 0,
                                  .bias = below(2) ? bias.at : 0,
                                  .residual = below(2) ? residual.at : 0,
                                  .in_relu = below(2),
                                  .relu = below(2)};
  check_case(&c, 0, 0, "fused convolution");
  c.fusion.residual = c.y.at, c.init = residual.at;
  check_case(&c, 0, 0, "accumulating convolution");
  array all[] = {c.x, c.w, c.y, bias, scale, shift, residual, changed.w};
  for (int j = 0; j < 8; j++) drop(all[j]);
}

static void check_depthwise(void) {
  conv_case c = {.p = random_conv(below(2), 1)};
  const steppe_conv *p = &c.p;
  c.x = make((long)p->n * p->h * p->w * p->c), c.w = make((long)p->kh * p->kw * p->o),
  c.y = make((long)p->n * p->oh * p->ow * p->o);
  check_case(&c, 1, 1, "depthwise input gradient");
  check_case(&c, 2, 1, "depthwise filter gradient");
  check_case(&c, 0, 1, "depthwise");
  drop(c.x), drop(c.w), drop(c.y);
}
