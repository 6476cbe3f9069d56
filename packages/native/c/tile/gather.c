/* Tiles that gather the taps of a convolution, or the rows of a matrix product. */
#include "tile/inner.h"

INLINE void gather(int height, int vectors, const float *const *x, const tile_taps *taps, const float *w,
                   const float *const *init, float *const *y) {
  vf sum[TILE_MAX_HEIGHT];
  const tile_taps t = *taps;
  UNROLL for (int i = 0; i < height * vectors; i++) sum[i] = splat(0);
  if (init) {
    UNROLL for (int i = 0; i < height; i++) {
      UNROLL for (int j = 0; j < vectors; j++) sum[i * vectors + j] = load(init[i] + j * VL);
    }
  }
  for (long row = 0; row < t.rows; row++) {
    for (long col = 0; col < t.cols; col++) {
      const float *from[TILE_MAX_HEIGHT], *panel = w + row * t.w_row + col * t.w_col;
      UNROLL for (int i = 0; i < height; i++) from[i] = x[i] + row * t.x_row + col * t.x_col;
      for (long k = 0; k < t.run; k++, panel += t.w_step) {
        vf b[TILE_VECTORS];
        UNROLL for (int j = 0; j < vectors; j++) b[j] = load(panel + j * VL);
        UNROLL for (int i = 0; i < height; i++) {
          vf a = broadcast(from[i] + k);
          UNROLL for (int j = 0; j < vectors; j++) sum[i * vectors + j] += a * b[j];
        }
      }
    }
  }
  UNROLL for (int i = 0; i < height; i++) {
    UNROLL for (int j = 0; j < vectors; j++) store(y[i] + j * VL, sum[i * vectors + j]);
  }
}

INLINE void twin(int height, const float *const *x, long x_twin, const tile_taps *taps, const float *w,
                 const float *const *init, float *const *y, long y_twin) {
  vf sum[TILE_MAX_HEIGHT], other[TILE_MAX_HEIGHT];
  const tile_taps t = *taps;
  UNROLL for (int i = 0; i < height; i++) {
    sum[i] = init ? load(init[i]) : splat(0);
    other[i] = init ? load(init[i] + y_twin) : splat(0);
  }
  for (long row = 0; row < t.rows; row++) {
    for (long col = 0; col < t.cols; col++) {
      const float *from[TILE_MAX_HEIGHT], *panel = w + row * t.w_row + col * t.w_col;
      UNROLL for (int i = 0; i < height; i++) {
        from[i] = x[i] + row * t.x_row + col * t.x_col;
        FORGET(from[i]);
      }
      for (long k = 0; k < t.run; k++, panel += t.w_step) {
        vf b = load(panel);
        long far = x_twin + k;
        FORGET(far);
        UNROLL for (int i = 0; i < height; i++) sum[i] += broadcast(from[i] + k) * b;
        UNROLL for (int i = 0; i < height; i++) other[i] += broadcast(from[i] + far) * b;
      }
    }
  }
  UNROLL for (int i = 0; i < height; i++) {
    store(y[i], sum[i]);
    store(y[i] + y_twin, other[i]);
  }
}

#define GATHER(vectors, height)                                                                      \
  static void gather_##vectors##_##height(const float *const *x, const tile_taps *t, const float *w, \
                                          const float *const *init, float *const *y) {               \
    gather(height, vectors, x, t, w, init, y);                                                       \
  }
#define TWIN(height)                                                                                \
  static void twin_##height(const float *const *x, long x_twin, const tile_taps *t, const float *w, \
                            const float *const *init, float *const *y, long y_twin) {               \
    twin(height, x, x_twin, t, w, init, y, y_twin);                                                 \
  }
#define GATHER_CASE(vectors, tall) \
  if (rows >= tall) return *height = tall, gather_##vectors##_##tall;
#define TWIN_CASE(tall) \
  if (rows >= tall) return *height = tall, twin_##tall;

/* clang-format off */
#if TILE_VECTORS == 4
#define GATHERS_1(M) M(1, 8) M(1, 4) M(1, 2) M(1, 1)
#define GATHERS_2(M) M(2, 12) M(2, 8) M(2, 4) M(2, 2) M(2, 1)
#define GATHERS_3(M) M(3, 8) M(3, 4) M(3, 2) M(3, 1)
#define GATHERS_4(M) M(4, 6) M(4, 4) M(4, 3) M(4, 2) M(4, 1)
#define TWINS(M) M(10) M(8) M(6) M(4) M(2) M(1)
GATHERS_3(GATHER) GATHERS_4(GATHER)
#else
#define GATHERS_1(M) M(1, 8) M(1, 4) M(1, 2) M(1, 1)
#define GATHERS_2(M) M(2, 6) M(2, 4) M(2, 2) M(2, 1)
#define TWINS(M) M(6) M(4) M(2) M(1)
#endif
GATHERS_1(GATHER) GATHERS_2(GATHER) TWINS(TWIN)

tile_gather tile_gather_of(int vectors, long rows, int *height) {
#if TILE_VECTORS == 4
  if (vectors == 4) {
    GATHERS_4(GATHER_CASE)
  }
  if (vectors == 3) {
    GATHERS_3(GATHER_CASE)
  }
#endif
  if (vectors == 2) {
    GATHERS_2(GATHER_CASE)
  }
  GATHERS_1(GATHER_CASE)
  return 0;
}

tile_twin tile_twin_of(long rows, int *height) {
  TWINS(TWIN_CASE)
  return 0;
}
