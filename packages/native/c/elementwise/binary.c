/* Functions of two tensors with broadcasting, and the choice between two tensors. */
#include <stddef.h>

#include "elementwise/loops.h"
#include "runtime/check.h"
#include "steppe.h"
#include "vector/vec.h"
#include "vector/vmath.h"
#include "vector/wrap.h"

#define BINARY(name, T, O, expression)                                                               \
  static inline O name##_one(const T a, const T b) { return (O)(expression); }                       \
  static void name(const void *pa, long stride_a, const void *pb, long stride_b, void *py, long n) { \
    const T *a = pa, *b = pb;                                                                        \
    O *y = py;                                                                                       \
    if (stride_a && stride_b) {                                                                      \
      INDEPENDENT for (long i = 0; i < n; i++) y[i] = name##_one(a[i], b[i]);                        \
    } else if (stride_a) {                                                                           \
      const T second = b[0];                                                                         \
      INDEPENDENT for (long i = 0; i < n; i++) y[i] = name##_one(a[i], second);                      \
    } else {                                                                                         \
      const T first = a[0];                                                                          \
      if (stride_b) {                                                                                \
        INDEPENDENT for (long i = 0; i < n; i++) y[i] = name##_one(first, b[i]);                     \
      } else {                                                                                       \
        const O value = name##_one(first, b[0]);                                                     \
        for (long i = 0; i < n; i++) y[i] = value;                                                   \
      }                                                                                              \
    }                                                                                                \
  }

#define FLOAT(name, expression) BINARY(float_##name, float, float, expression)
#define INT(name, expression) BINARY(int_##name, int32_t, int32_t, expression)
#define ASK(name, expression)                      \
  BINARY(float_##name, float, uint8_t, expression) \
  BINARY(int_##name, int32_t, uint8_t, expression) \
  BINARY(bool_##name, uint8_t, uint8_t, expression)

/* JavaScript's Math.pow: unlike C's, a NaN exponent gives NaN, and so does 1 to an infinite power. */
static inline float power(float a, float b) {
  if (b == 2.0f) return a * a;
  if (b != b || (fabsf(a) == 1.0f && fabsf(b) == INFINITY)) return NAN;
  return powf(a, b);
}
static inline float modulo(float a, float b) {
  double r = fmod(a, b);
  return (float)((a < 0) == (b < 0) ? r : fmod(r + b, b));
}
static inline int32_t wrap(double x) { return (int32_t)(uint32_t)(int64_t)x; }
static inline int32_t int_modulo(int32_t a, int32_t b) {
  if (b == 0) return 0;
  int64_t r = (int64_t)a % b;
  return (int32_t)((a < 0) == (b < 0) ? r : (r + b) % b);
}
/* Modulo 2^32; of a negative power the whole part of the fraction, and 0 where a is 0. */
static inline int32_t int_power(int32_t a, int32_t b) {
  if (b < 0) return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
  uint32_t result = 1, base = (uint32_t)a;
  for (; b; b >>= 1, base *= base)
    if (b & 1) result *= base;
  return (int32_t)result;
}
static inline int32_t int_quotient(int32_t a, int32_t b) { return b == 0 ? 0 : wrap(floor((double)a / b)); }

static inline float silu_slope(float x) {
  const float s = vsigmoid(x);
  return s * (1.0f + x * (1.0f - s));
}

/* clang-format off */
FLOAT(add, a + b)
FLOAT(sub, a - b)
FLOAT(mul, a * b)
FLOAT(div, a / b)
FLOAT(maximum, a > b || a != a ? a : b)
FLOAT(minimum, a < b || a != a ? a : b)
FLOAT(pow, power(a, b))
FLOAT(squared_difference, (a - b) * (a - b))
FLOAT(mod, modulo(a, b))
FLOAT(atan2, atan2f(a, b))
FLOAT(prelu, a < 0.0f ? a * b : a)
FLOAT(elu_grad, b >= 0.0f ? a : a * (b + 1.0f))
FLOAT(relu_grad, a * (b > 0.0f ? 1.0f : b != b ? b : 0.0f))
FLOAT(silu_grad, a * silu_slope(b))
FLOAT(gelu_grad, a * (vphi(b) + b * (0.398942280401432678f * vexp(-0.5f * b * b))))
INT(add, (uint32_t)a + (uint32_t)b)
INT(sub, (uint32_t)a - (uint32_t)b)
INT(mul, (uint32_t)a * (uint32_t)b)
INT(maximum, a > b ? a : b)
INT(minimum, a < b ? a : b)
INT(pow, int_power(a, b))
INT(squared_difference, ((uint32_t)a - (uint32_t)b) * ((uint32_t)a - (uint32_t)b))
INT(mod, int_modulo(a, b))
INT(floor_div, int_quotient(a, b))
ASK(equal, a == b)
ASK(not_equal, a != b)
ASK(less, a < b)
ASK(less_equal, a <= b)
ASK(greater, a > b)
ASK(greater_equal, a >= b)
BINARY(bool_logical_and, uint8_t, uint8_t, (a && b))
BINARY(bool_logical_or, uint8_t, uint8_t, (a || b))

static const binary_loop float_loops[STEPPE_BINARY_OPS] = {
    float_add,      float_sub,                float_mul,   float_div,       float_maximum, float_minimum,
    float_pow,      float_squared_difference, float_mod,   NULL,            float_atan2,   float_prelu,
    float_elu_grad, float_relu_grad,          float_silu_grad, float_gelu_grad, float_equal, float_not_equal,
    float_less,     float_less_equal,         float_greater,   float_greater_equal, NULL,     NULL};

static const binary_loop int_loops[STEPPE_BINARY_OPS] = {
    [STEPPE_ADD] = int_add,
    [STEPPE_SUB] = int_sub,
    [STEPPE_MUL] = int_mul,
    [STEPPE_MAXIMUM] = int_maximum,
    [STEPPE_MINIMUM] = int_minimum,
    [STEPPE_POW] = int_pow,
    [STEPPE_SQUARED_DIFFERENCE] = int_squared_difference,
    [STEPPE_MOD] = int_mod,
    [STEPPE_FLOOR_DIV] = int_floor_div,
    [STEPPE_EQUAL] = int_equal,
    [STEPPE_NOT_EQUAL] = int_not_equal,
    [STEPPE_LESS] = int_less,
    [STEPPE_LESS_EQUAL] = int_less_equal,
    [STEPPE_GREATER] = int_greater,
    [STEPPE_GREATER_EQUAL] = int_greater_equal};

static const binary_loop bool_loops[STEPPE_BINARY_OPS] = {
    [STEPPE_EQUAL] = bool_equal,     [STEPPE_NOT_EQUAL] = bool_not_equal, [STEPPE_LESS] = bool_less,
    [STEPPE_LESS_EQUAL] = bool_less_equal, [STEPPE_GREATER] = bool_greater, [STEPPE_GREATER_EQUAL] = bool_greater_equal,
    [STEPPE_LOGICAL_AND] = bool_logical_and, [STEPPE_LOGICAL_OR] = bool_logical_or};
/* clang-format on */

static const binary_loop *const binary_loops[] = {float_loops, int_loops, bool_loops};

binary_loop steppe_binary_loop(int op, int type) { return binary_loops[type][op]; }

#define MAX_RANK 8
/* A row that is shorter than this and repeats (a bias per channel) is first laid out a few times, so that loops are
 * long. */
#define SHORT_ROW 256
#define LAID_OUT 1024

typedef struct {
  binary_loop loop;
  const char *a, *b;
  char *y;
  int size, y_size, rank;
  const int *shape, *stride_a, *stride_b;
  long inner, block, blocks; /* the last dimension, cut into blocks */
} binary_context;

static void binary_task(void *context, long begin, long end) {
  const binary_context *c = context;
  long index[MAX_RANK];
  long row = begin / c->blocks, block = begin % c->blocks, rest = row, at_a = 0, at_b = 0;
  for (int d = c->rank - 2; d >= 0; d--) {
    index[d] = rest % c->shape[d];
    rest /= c->shape[d];
    at_a += index[d] * c->stride_a[d];
    at_b += index[d] * c->stride_b[d];
  }
  long last_a = c->stride_a[c->rank - 1], last_b = c->stride_b[c->rank - 1];
  for (long i = begin; i < end; i++) {
    long from = block * c->block, n = c->inner - from < c->block ? c->inner - from : c->block;
    c->loop(c->a + (at_a + from * last_a) * c->size, last_a, c->b + (at_b + from * last_b) * c->size, last_b,
            c->y + (row * c->inner + from) * c->y_size, n);
    if (++block < c->blocks) continue;
    block = 0;
    row++;
    for (int d = c->rank - 2; d >= 0; d--) {
      at_a += c->stride_a[d];
      at_b += c->stride_b[d];
      if (++index[d] < c->shape[d]) break;
      at_a -= (long)c->shape[d] * c->stride_a[d];
      at_b -= (long)c->shape[d] * c->stride_b[d];
      index[d] = 0;
    }
  }
}

/* [rows, inner] op [inner], or the other way round, by rows. */
static void row_task(void *context, long begin, long end) {
  const binary_context *c = context;
  _Alignas(64) char tile[LAID_OUT * 4];
  int a_repeats = c->stride_a[0] == 0;
  const char *row = a_repeats ? c->a : c->b;
  long rows = LAID_OUT / c->inner, bytes = c->inner * c->size;
  for (long r = 0; r < rows; r++) memcpy(tile + r * bytes, row, bytes);
  for (long r = begin; r < end; r += rows) {
    long n = (end - r < rows ? end - r : rows) * c->inner;
    const char *a = a_repeats ? tile : c->a + r * bytes, *b = a_repeats ? c->b + r * bytes : tile;
    c->loop(a, 1, b, 1, c->y + r * c->inner * c->y_size, n);
  }
}

int steppe_binary(int op, int type, const void *a, const void *b, void *y, int rank, const int *layout) {
  REQUIRE(op >= 0 && op < STEPPE_BINARY_OPS && is_type(type) && rank >= 1 && rank <= MAX_RANK && layout);
  binary_loop loop = binary_loops[type][op];
  REQUIRE(loop);
  int size = type == STEPPE_BOOL ? 1 : 4;
  const int *shape = layout, *stride_a = layout + rank, *stride_b = layout + 2 * rank;
  const long elements = elements_of(rank, shape);
  if (elements == 0) return STEPPE_OK;
  REQUIRE(elements > 0 && THERE(a, b, y) && strides_fit(rank, shape, stride_a) && strides_fit(rank, shape, stride_b));
  REQUIRE((stride_a[rank - 1] | 1) == 1 && (stride_b[rank - 1] | 1) == 1);
  for (int d = 0; d < rank; d++) REQUIRE(stride_a[d] >= 0 && stride_b[d] >= 0);
  const long inner = shape[rank - 1], rows = elements / inner;
  binary_context context = {loop,     a,        b,     y,     size, op >= STEPPE_EQUAL ? 1 : size, rank, shape,
                            stride_a, stride_b, inner, inner, 1};
  /* the rows of one repeat, those of the other one follow each other */
  const int repeats = rank == 2 && stride_a[1] && stride_b[1] && (stride_a[0] == 0) != (stride_b[0] == 0) &&
                      (long)stride_a[0] + stride_b[0] == inner;
  if (repeats && inner < SHORT_ROW) {
    steppe_parallel(rows, (GRAIN + inner - 1) / inner, row_task, &context);
    return STEPPE_OK;
  }
  if (inner > GRAIN) {
    context.block = GRAIN;
    context.blocks = (inner + GRAIN - 1) / GRAIN;
  }
  steppe_parallel(rows * context.blocks, GRAIN / context.block, binary_task, &context);
  return STEPPE_OK;
}

typedef struct {
  const uint8_t *condition;
  const char *a, *b;
  char *y;
  long repeat;
  int size;
} select_context;

static void select_task(void *context, long begin, long end) {
  const select_context *c = context;
  if (c->repeat == 1 && c->size == 4) {
    const int32_t *a = (const int32_t *)c->a, *b = (const int32_t *)c->b;
    int32_t *y = (int32_t *)c->y;
    INDEPENDENT for (long i = begin; i < end; i++) y[i] = c->condition[i] ? a[i] : b[i];
    return;
  }
  for (long i = begin; i < end;) {
    long next = (i / c->repeat + 1) * c->repeat, n = (next < end ? next : end) - i;
    memcpy(c->y + i * c->size, (c->condition[i / c->repeat] ? c->a : c->b) + i * c->size, n * c->size);
    i += n;
  }
}

int steppe_select(const uint8_t *condition, const void *a, const void *b, void *y, long n, long repeat, int size) {
  REQUIRE(n >= 0 && n <= STEPPE_MOST_ELEMENTS && (size == 1 || size == 4));
  if (n == 0) return STEPPE_OK;
  REQUIRE(repeat >= 1 && n % repeat == 0 && THERE(condition, a, b, y));
  select_context context = {condition, a, b, y, repeat, size};
  steppe_parallel(n, GRAIN, select_task, &context);
  return STEPPE_OK;
}
