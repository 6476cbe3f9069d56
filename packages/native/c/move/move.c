/* Moving elements without computing: strided copies (transpose, slice, reverse, tile, pad, concat are all of this
 * kind), gathering and scattering by index, one-hot rows, mirrored borders. */
#include <string.h>

#include "runtime/check.h"
#include "steppe.h"
#include "vector/vec.h"
#include "vector/wrap.h"

#define MAX_RANK 8
#define TILE 16

typedef struct {
  char *y;
  const char *x;
  int size, rank; /* rank of the outer dimensions, that a task walks through */
  const int *shape, *stride_y, *stride_x;
  long n, step_y, step_x;       /* the inner dimension */
  long m, row_y, row_x, panels; /* a second one that is transposed with it, in panels of TILE */
} copy_context;

#define COPY_RUN(T)                                                                    \
  {                                                                                    \
    T *y = (T *)to;                                                                    \
    const T *x = (const T *)from;                                                      \
    if (c->step_y == 1 && c->step_x == 0) {                                            \
      const T value = x[0];                                                            \
      for (long i = 0; i < c->n; i++) y[i] = value;                                    \
    } else {                                                                           \
      INDEPENDENT for (long i = 0; i < c->n; i++) y[i * c->step_y] = x[i * c->step_x]; \
    }                                                                                  \
  }

#define COPY_PANEL(T)                                                                          \
  {                                                                                            \
    T *y = (T *)to;                                                                            \
    const T *x = (const T *)from;                                                              \
    for (long i0 = 0; i0 < c->n; i0 += TILE) {                                                 \
      long i1 = i0 + TILE < c->n ? i0 + TILE : c->n;                                           \
      for (long j = 0; j < rows; j++)                                                          \
        INDEPENDENT for (long i = i0; i < i1; i++) y[j * c->row_y + i] = x[j + i * c->step_x]; \
    }                                                                                          \
  }

static void copy_task(void *context, long begin, long end) {
  const copy_context *c = context;
  long index[MAX_RANK], rest = begin / c->panels, panel = begin % c->panels, at_y = 0, at_x = 0;
  for (int d = c->rank - 1; d >= 0; d--) {
    index[d] = rest % c->shape[d];
    rest /= c->shape[d];
    at_y += index[d] * c->stride_y[d];
    at_x += index[d] * c->stride_x[d];
  }
  for (long r = begin; r < end; r++) {
    char *to = c->y + (at_y + panel * TILE * c->row_y) * c->size;
    const char *from = c->x + (at_x + panel * TILE * c->row_x) * c->size;
    if (c->m) {
      long rows = c->m - panel * TILE < TILE ? c->m - panel * TILE : TILE;
      if (c->size == 4) {
        COPY_PANEL(uint32_t)
      } else {
        COPY_PANEL(uint8_t)
      }
    } else if (c->step_y == 1 && c->step_x == 1) {
      memcpy(to, from, c->n * c->size);
    } else if (c->size == 4) {
      COPY_RUN(uint32_t)
    } else {
      COPY_RUN(uint8_t)
    }
    if (++panel < c->panels) continue;
    panel = 0;
    for (int d = c->rank - 1; d >= 0; d--) {
      at_y += c->stride_y[d];
      at_x += c->stride_x[d];
      if (++index[d] < c->shape[d]) break;
      at_y -= (long)c->shape[d] * c->stride_y[d];
      at_x -= (long)c->shape[d] * c->stride_x[d];
      index[d] = 0;
    }
  }
}

int steppe_copy(void *y, const void *x, int size, int rank, const int *layout) {
  REQUIRE(rank >= 1 && rank <= MAX_RANK && (size == 1 || size == 4) && layout);
  const long elements = elements_of(rank, layout);
  if (elements == 0) return STEPPE_OK;
  REQUIRE(elements > 0 && THERE(x, y) && strides_fit(rank, layout, layout + rank) &&
          strides_fit(rank, layout, layout + 2 * rank));
  int shape[MAX_RANK], stride_y[MAX_RANK], stride_x[MAX_RANK], outer = rank - 1;
  for (int d = 0; d < rank; d++)
    shape[d] = layout[d], stride_y[d] = layout[rank + d], stride_x[d] = layout[2 * rank + d];
  copy_context c = {y, x, size, outer, shape, stride_y, stride_x, shape[outer], stride_y[outer], stride_x[outer],
                    0, 0, 0,    1};
  if (c.step_y == 1 && c.step_x > 1 && c.n > 4) {
    for (int d = 0; d < outer; d++) { /* a dimension along which x is dense: transpose with it */
      if (stride_x[d] != 1 || shape[d] <= 4) continue;
      c.m = shape[d], c.row_y = stride_y[d], c.row_x = 1, c.panels = (c.m + TILE - 1) / TILE;
      c.rank = --outer;
      for (int e = d; e < outer; e++)
        shape[e] = shape[e + 1], stride_y[e] = stride_y[e + 1], stride_x[e] = stride_x[e + 1];
      break;
    }
  }
  long runs = c.panels, each = c.n * (c.m ? TILE : 1);
  for (int d = 0; d < outer; d++) runs *= shape[d];
  if (runs == 1 && each > GRAIN && c.step_y == 1 && c.step_x == 1) { /* one long run */
    c.rank = 1, outer = 1, runs = each / GRAIN, shape[0] = (int)runs, stride_y[0] = stride_x[0] = GRAIN, c.n = GRAIN;
    long done = runs * GRAIN;
    memcpy(c.y + done * size, c.x + done * size, (each - done) * size);
    each = GRAIN;
  }
  steppe_parallel(runs, GRAIN / each + 1, copy_task, &c);
  return STEPPE_OK;
}

typedef struct {
  const char *x;
  const int32_t *index;
  char *y;
  long extent, count, bytes, batches_share; /* batches_share: outer slices of x per batch of indices */
} gather_context;

static void gather_task(void *context, long begin, long end) {
  const gather_context *c = context;
  for (long i = begin; i < end; i++) {
    long outer = i / c->count;
    int32_t at = c->index[outer / c->batches_share * c->count + i % c->count];
    char *y = c->y + i * c->bytes;
    if (at < 0 || at >= c->extent) memset(y, 0, c->bytes);
    else memcpy(y, c->x + (outer * c->extent + at) * c->bytes, c->bytes);
  }
}

int steppe_check_index(const int32_t *index, long n, long extent) {
  REQUIRE(FITS(n) && FITS(extent) && (n == 0 || index));
  for (long i = 0; i < n; i++)
    if (index[i] < 0 || index[i] >= extent) return STEPPE_OUT_OF_RANGE;
  return STEPPE_OK;
}

int steppe_gather(const void *x, const int32_t *index, void *y, long batches, long outer, long extent, long count,
                  long bytes) {
  REQUIRE(FITS_BYTES(batches, outer, extent, bytes) && FITS_BYTES(batches, outer, count, bytes) &&
          FITS(batches, count));
  if (!batches || !outer || !count || !bytes) return STEPPE_OK;
  REQUIRE(THERE(index, y) && (x || !extent));
  gather_context c = {x, index, y, extent, count, bytes, outer};
  steppe_parallel(batches * outer * count, GRAIN * 4 / (bytes + 1) + 1, gather_task, &c);
  return STEPPE_OK;
}

typedef struct {
  const float *x;
  const int32_t *segment;
  float *y;
  long rows, width, segments;
} segment_context;

static void segment_task(void *context, long begin, long end) {
  const segment_context *c = context;
  for (long s = 0; s < c->segments; s++)
    for (long j = begin; j < end; j++) c->y[s * c->width + j] = 0;
  for (long r = 0; r < c->rows; r++) {
    int32_t s = c->segment[r];
    if (s < 0 || s >= c->segments) continue;
    const float *x = c->x + r * c->width;
    float *y = c->y + s * c->width;
    INDEPENDENT for (long j = begin; j < end; j++) y[j] += x[j];
  }
}

int steppe_segment_sum(const float *x, const int32_t *segment, float *y, long rows, long width, long segments) {
  REQUIRE(FITS(rows, width) && FITS(segments, width));
  if (!segments || !width) return STEPPE_OK;
  REQUIRE(y && (!rows || THERE(x, segment)));
  segment_context c = {x, segment, y, rows, width, segments};
  long grain = rows * width < 4 * GRAIN ? width : 64;
  steppe_parallel(width, grain, segment_task, &c);
  return STEPPE_OK;
}

#define ONE_HOT(T)                                                             \
  {                                                                            \
    T *y = py, first = as_##T(off), second = as_##T(on);                       \
    for (long i = 0; i < n * depth; i++) y[i] = first;                         \
    for (long i = 0; i < n; i++)                                               \
      if (index[i] >= 0 && index[i] < depth) y[i * depth + index[i]] = second; \
  }

int steppe_one_hot(const int32_t *index, void *py, int type, long n, long depth, double on, double off) {
  REQUIRE(is_type(type) && FITS(n, depth));
  if (!n || !depth) return STEPPE_OK;
  REQUIRE(THERE(index, py));
  if (type == STEPPE_FLOAT32) {
    ONE_HOT(float)
  } else if (type == STEPPE_INT32) {
    ONE_HOT(int32_t)
  } else {
    ONE_HOT(uint8_t)
  }
  return STEPPE_OK;
}

/* Where position i of the padded dimension comes from. */
static inline long mirrored(long i, long before, long n, int offset) {
  i -= before;
  if (i < 0) i = -i - 1 + offset;
  else if (i >= n) i = 2 * n - 1 - i - offset;
  return i;
}

int steppe_mirror_pad(const void *x, void *y, int symmetric, long outer, long extent, long before, long after,
                      long bytes) {
  REQUIRE(before >= 0 && after >= 0 && before <= STEPPE_MOST_ELEMENTS && after <= STEPPE_MOST_ELEMENTS);
  REQUIRE(FITS_BYTES(outer, extent, bytes) && FITS_BYTES(outer, before + extent + after, bytes));
  const long padded = before + extent + after, widest = symmetric ? extent : extent - 1;
  REQUIRE((!before || before <= widest) && (!after || after <= widest));
  if (!outer || !padded || !bytes) return STEPPE_OK;
  REQUIRE(THERE(x, y));
  for (long o = 0; o < outer; o++)
    for (long i = 0; i < padded; i++)
      memcpy((char *)y + (o * padded + i) * bytes,
             (const char *)x + (o * extent + mirrored(i, before, extent, !symmetric)) * bytes, bytes);
  return STEPPE_OK;
}

#define SUM(a, b) ((a) + (b))
#define PRODUCT(a, b) ((a) * (b))

#define CUMULATE(T, A, start, one)                                           \
  for (long o = 0; o < outer; o++)                                           \
    for (long j = 0; j < inner; j++) {                                       \
      A total = start;                                                       \
      for (long i = 0; i < extent; i++) {                                    \
        long at = (o * extent + (reverse ? extent - 1 - i : i)) * inner + j; \
        T value = ((const T *)x)[at];                                        \
        if (exclusive) ((T *)y)[at] = (T)total;                              \
        total = one(total, value);                                           \
        if (!exclusive) ((T *)y)[at] = (T)total;                             \
      }                                                                      \
    }

int steppe_cumulate(const void *x, void *y, int type, int product, int exclusive, int reverse, long outer, long extent,
                    long inner) {
  REQUIRE((type == STEPPE_FLOAT32 || type == STEPPE_INT32) && FITS(outer, extent, inner));
  if (!outer || !extent || !inner) return STEPPE_OK;
  REQUIRE(THERE(x, y));
  if (type == STEPPE_FLOAT32) {
    if (product) {
      CUMULATE(float, float, 1, PRODUCT)
    } else {
      CUMULATE(float, float, 0, SUM)
    }
  } else if (product) {
    CUMULATE(int32_t, uint32_t, 1, PRODUCT)
  } else {
    CUMULATE(int32_t, uint32_t, 0, SUM)
  }
  return STEPPE_OK;
}
