/* Functions of one tensor, element by element. */
#include <stddef.h>

#include "elementwise/loops.h"
#include "runtime/check.h"
#include "steppe.h"
#include "vector/vec.h"
#include "vector/vmath.h"
#include "vector/wrap.h"

#define UNARY(name, T, O, expression)                                        \
  static void name(const void *px, void *py, long n, double da, double db) { \
    const T *x = px;                                                         \
    O *y = py;                                                               \
    const T alpha = as_##T(da), beta = as_##T(db);                           \
    (void)alpha, (void)beta;                                                 \
    INDEPENDENT for (long i = 0; i < n; i++) {                               \
      const T v = x[i];                                                      \
      y[i] = (O)(expression);                                                \
    }                                                                        \
  }

#define FLOAT(name, expression) UNARY(float_##name, float, float, expression)
#define INT(name, expression) UNARY(int_##name, int32_t, int32_t, expression)
#define ASK(name, expression) UNARY(float_##name, float, uint8_t, expression)

#define SELU_ALPHA 1.67326324235437728482f
#define SELU_SCALE 1.05070098735548049342f

/* clang-format off */
FLOAT(abs, fabsf(v))
FLOAT(acos, acosf(v))
FLOAT(acosh, acoshf(v))
FLOAT(asin, asinf(v))
FLOAT(asinh, asinhf(v))
FLOAT(atan, atanf(v))
FLOAT(atanh, atanhf(v))
FLOAT(ceil, ceilf(v))
FLOAT(clip, v > beta ? beta : v < alpha ? alpha : v)
FLOAT(cos, cosf(v))
FLOAT(cosh, coshf(v))
FLOAT(elu, v >= 0.0f ? v : vexpm1(v))
FLOAT(erf, verf(v))
FLOAT(exp, vexp(v))
FLOAT(expm1, vexpm1(v))
FLOAT(floor, floorf(v))
FLOAT(leaky_relu, v < 0.0f ? alpha * v : v)
FLOAT(log, vlog(v))
FLOAT(log1p, vlog1p(v))
FLOAT(neg, -v)
FLOAT(reciprocal, 1.0f / v)
FLOAT(relu, v > 0.0f || v != v ? v : 0.0f)
FLOAT(relu6, v > 6.0f ? 6.0f : v > 0.0f || v != v ? v : 0.0f)
FLOAT(round, rintf(v))
FLOAT(rsqrt, 1.0f / sqrtf(v))
FLOAT(selu, SELU_SCALE * (v >= 0.0f ? v : SELU_ALPHA * vexpm1(v)))
FLOAT(sigmoid, vsigmoid(v))
FLOAT(sign, v > 0.0f ? 1.0f : v < 0.0f ? -1.0f : 0.0f)
FLOAT(sin, sinf(v))
FLOAT(sinh, sinhf(v))
FLOAT(softplus, vsoftplus(v))
FLOAT(sqrt, sqrtf(v))
FLOAT(square, v * v)
FLOAT(step, v != v ? v : v > 0.0f ? 1.0f : alpha)
FLOAT(tan, (float)tan(v))
FLOAT(tanh, vtanh(v))
FLOAT(silu, v * vsigmoid(v))
FLOAT(gelu, v * vphi(v))
ASK(is_nan, v != v)
ASK(is_inf, fabsf(v) == INFINITY)
ASK(is_finite, fabsf(v) < INFINITY)
INT(abs, v < 0 ? -(uint32_t)v : (uint32_t)v)
INT(neg, -(uint32_t)v)
INT(relu, v > 0 ? v : 0)
INT(sign, (v > 0) - (v < 0))
INT(square, (uint32_t)v * (uint32_t)v)
INT(step, v > 0 ? 1 : alpha)
INT(clip, v > db ? beta : v < da ? alpha : v)
UNARY(bool_logical_not, uint8_t, uint8_t, !v)

static const unary_loop float_loops[STEPPE_UNARY_OPS] = {
    float_abs,   float_acos,   float_acosh,      float_asin,      float_asinh,  float_atan,    float_atanh,
    float_ceil,  float_clip,   float_cos,        float_cosh,      float_elu,    float_erf,     float_exp,
    float_expm1, float_floor,  float_leaky_relu, float_log,       float_log1p,  float_neg,     float_reciprocal,
    float_relu,  float_relu6,  float_round,      float_rsqrt,     float_selu,   float_sigmoid, float_sign,
    float_sin,   float_sinh,   float_softplus,   float_sqrt,      float_square, float_step,    float_tan,
    float_tanh,  float_silu,   float_gelu,       float_is_nan,    float_is_inf, float_is_finite, NULL};

static const unary_loop int_loops[STEPPE_UNARY_OPS] = {
    [STEPPE_ABS] = int_abs,   [STEPPE_NEG] = int_neg,       [STEPPE_RELU] = int_relu, [STEPPE_SIGN] = int_sign,
    [STEPPE_SQUARE] = int_square, [STEPPE_STEP] = int_step, [STEPPE_CLIP] = int_clip};
/* clang-format on */

static const unary_loop bool_loops[STEPPE_UNARY_OPS] = {[STEPPE_LOGICAL_NOT] = bool_logical_not};

static const unary_loop *const unary_loops[] = {float_loops, int_loops, bool_loops};

unary_loop steppe_unary_loop(int op, int type) { return unary_loops[type][op]; }

typedef struct {
  unary_loop loop;
  const char *x;
  char *y;
  int x_size, y_size;
  double alpha, beta;
} unary_context;

static void unary_task(void *context, long begin, long end) {
  const unary_context *c = context;
  c->loop(c->x + begin * c->x_size, c->y + begin * c->y_size, end - begin, c->alpha, c->beta);
}

int steppe_unary(int op, int type, const void *x, void *y, long n, double alpha, double beta) {
  REQUIRE(op >= 0 && op < STEPPE_UNARY_OPS && is_type(type) && FITS(n));
  unary_loop loop = unary_loops[type][op];
  REQUIRE(loop && (n == 0 || THERE(x, y)));
  int size = type == STEPPE_BOOL ? 1 : 4;
  unary_context context = {loop, x, y, size, op >= STEPPE_IS_NAN ? 1 : size, alpha, beta};
  steppe_parallel(n, GRAIN, unary_task, &context);
  return STEPPE_OK;
}

#define CAST(name, T, O, expression)                                       \
  static void name(const void *px, void *py, long n, double a, double b) { \
    const T *x = px;                                                       \
    O *y = py;                                                             \
    (void)a, (void)b;                                                      \
    for (long i = 0; i < n; i++) {                                         \
      const T v = x[i];                                                    \
      y[i] = (O)(expression);                                              \
    }                                                                      \
  }
CAST(float_to_float, float, float, v)
CAST(float_to_int, float, int32_t, fabsf(v) < 2147483648.0f ? (int32_t)v : as_int32_t(v))
CAST(float_to_bool, float, uint8_t, v != 0.0f)
CAST(int_to_float, int32_t, float, v)
CAST(int_to_bool, int32_t, uint8_t, v != 0)
CAST(bool_to_float, uint8_t, float, v)
CAST(bool_to_int, uint8_t, int32_t, v)
CAST(bool_to_bool, uint8_t, uint8_t, v)

static const unary_loop casts[3][3] = {{float_to_float, float_to_int, float_to_bool},
                                       {int_to_float, float_to_float, int_to_bool},
                                       {bool_to_float, bool_to_int, bool_to_bool}};

int steppe_cast(int from, int to, const void *x, void *y, long n) {
  REQUIRE(is_type(from) && is_type(to) && FITS(n) && (n == 0 || THERE(x, y)));
  unary_context context = {casts[from][to], x, y, from == STEPPE_BOOL ? 1 : 4, to == STEPPE_BOOL ? 1 : 4, 0, 0};
  steppe_parallel(n, GRAIN, unary_task, &context);
  return STEPPE_OK;
}

#define FILL(name, T)                                                         \
  static void name(const void *x, void *py, long n, double value, double b) { \
    T *y = py, v = as_##T(value);                                             \
    (void)x, (void)b;                                                         \
    for (long i = 0; i < n; i++) y[i] = v;                                    \
  }
FILL(fill_float, float)
FILL(fill_int, int32_t)
FILL(fill_bool, uint8_t)
static const unary_loop fills[] = {fill_float, fill_int, fill_bool};

int steppe_fill(int type, void *y, long n, double value) {
  REQUIRE(is_type(type) && FITS(n) && (n == 0 || y));
  /* There is no x to read: a size of 0 keeps it at y. */
  unary_context context = {fills[type], y, y, 0, type == STEPPE_BOOL ? 1 : 4, value, 0};
  steppe_parallel(n, GRAIN, unary_task, &context);
  return STEPPE_OK;
}

int steppe_ramp(int type, void *y, long n, double start, double step) {
  REQUIRE((type == STEPPE_FLOAT32 || type == STEPPE_INT32) && FITS(n) && (n == 0 || y));
  for (long i = 0; i < n; i++) {
    const double value = start + (double)i * step;
    if (type == STEPPE_FLOAT32) ((float *)y)[i] = (float)value;
    else ((int32_t *)y)[i] = as_int32_t(value);
  }
  return STEPPE_OK;
}
