/* Matrix products against their definition. */

typedef struct {
  long batch, m, n, k, stride_a, stride_b;
  int ta, tb;
  array a, b, c;
} matmul_case;

static int run_matmul(void *context) {
  matmul_case *t = context;
  void *s = scratch(
      steppe_matmul_scratch(t->batch, t->m, t->n, t->k, t->ta, t->tb, t->stride_a, t->stride_b, STEPPE_HIGHEST));
  int code = steppe_matmul(t->a.at, t->b.at, t->c.at, t->batch, t->m, t->n, t->k, t->ta, t->tb, t->stride_a,
                           t->stride_b, STEPPE_HIGHEST, s);
  if (code) printf("code %d\n", code), failures++;
  free(s);
  return code;
}

static void check_matmul(long i) {
  static const long extents[] = {1, 2, 3, 7, 10, 16, 31, 64, 65, 100, 197, 523},
                    deep[] = {1, 3, 16, 64, 100, 300, 700, 1500};
  matmul_case t = {.batch = below(3) ? 1 : below(5),
                   .m = pick(extents, 12),
                   .n = pick(extents, 12),
                   .k = i % 3 ? pick(extents, 12) : pick(deep, 8),
                   .ta = below(2),
                   .tb = below(2)};
  if (below(30) == 0) t.k = 0;
  if (below(30) == 0) t.m = 0;
  int spread_a = below(3) > 0, spread_b = below(3) > 0;
  t.stride_a = spread_a ? t.m * t.k + below(2) * 5 : 0, t.stride_b = spread_b ? t.k * t.n + below(2) * 7 : 0;
  long last = t.batch ? t.batch - 1 : 0;
  t.a = make(last * t.stride_a + t.m * t.k), t.b = make(last * t.stride_b + t.k * t.n), t.c = make(t.batch * t.m * t.n);
  double *sum = calloc(t.c.count + 1, 8), *size = calloc(t.c.count + 1, 8);
  for (long z = 0; z < t.batch; z++)
    for (long r = 0; r < t.m; r++)
      for (long c = 0; c < t.n; c++)
        for (long k = 0; k < t.k; k++) {
          double term = (double)t.a.at[z * t.stride_a + (t.ta ? k * t.m + r : r * t.k + k)] *
                        t.b.at[z * t.stride_b + (t.tb ? c * t.k + k : k * t.n + c)];
          sum[(z * t.m + r) * t.n + c] += term, size[(z * t.m + r) * t.n + c] += fabs(term);
        }
  char shape[120];
  snprintf(shape, sizeof shape, "batch %ld m%ld n%ld k%ld%s%s", t.batch, t.m, t.n, t.k, t.ta ? " a'" : "",
           t.tb ? " b'" : "");
  twice("matrix product", run_matmul, &t, t.c, shape);
  compare("matrix product", t.c.at, sum, size, t.c.count, shape);
  free(sum), free(size), drop(t.a), drop(t.b), drop(t.c);
}
