/* Softmax of rows and its gradient, each in one pass over memory. */
#include "runtime/check.h"
#include "steppe.h"
#include "vector/row.h"
#include "vector/vec.h"
#include "vector/vmath.h"

typedef struct {
  const float *x, *dy;
  float *y;
  long n;
} softmax_context;

/* The chunk of rows that a thread takes. */
static long softmax_rows(long n) { return GRAIN / 8 / (n + 1) + 1; }

static void softmax_task(void *context, long begin, long end) {
  const softmax_context *c = context;
  for (long r = begin; r < end; r++) {
    const float *x = c->x + r * c->n;
    float *y = c->y + r * c->n;
    const float top = greatest(x, c->n);
    INDEPENDENT for (long i = 0; i < c->n; i++) y[i] = vexp(x[i] - top);
    const float share = 1.0f / total(y, c->n);
    INDEPENDENT for (long i = 0; i < c->n; i++) y[i] *= share;
  }
}

int steppe_softmax(const float *x, float *y, long rows, long n) {
  REQUIRE(FITS(rows, n));
  if (!rows || !n) return STEPPE_OK;
  REQUIRE(THERE(x, y));
  softmax_context context = {x, NULL, y, n};
  steppe_parallel(rows, softmax_rows(n), softmax_task, &context);
  return STEPPE_OK;
}

/* dx = y * (dy - <dy, y>); the softmax is c->x. */
static void softmax_grad_task(void *context, long begin, long end) {
  const softmax_context *c = context;
  for (long r = begin; r < end; r++) {
    const float *y = c->x + r * c->n, *dy = c->dy + r * c->n;
    float *dx = c->y + r * c->n;
    const float along = product(dy, y, c->n);
    INDEPENDENT for (long i = 0; i < c->n; i++) dx[i] = y[i] * (dy[i] - along);
  }
}

int steppe_softmax_grad(const float *y, const float *dy, float *dx, long rows, long n) {
  REQUIRE(FITS(rows, n));
  if (!rows || !n) return STEPPE_OK;
  REQUIRE(THERE(y, dy, dx));
  softmax_context context = {y, dy, dx, n};
  steppe_parallel(rows, softmax_rows(n), softmax_grad_task, &context);
  return STEPPE_OK;
}
