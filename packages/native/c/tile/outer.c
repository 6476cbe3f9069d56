/* Tiles that add outer products: filter gradients, and products of a transposed matrix. */
#include "tile/inner.h"

INLINE void outer(int height, int vectors, const float *a, const float *b, const tile_walk *walk, float *c,
                  long c_row) {
  vf sum[TILE_MAX_HEIGHT];
  const tile_walk t = *walk;
  UNROLL for (int i = 0; i < height; i++) {
    UNROLL for (int j = 0; j < vectors; j++) sum[i * vectors + j] = load(c + i * c_row + j * VL);
  }
  for (long image = 0; image < t.images; image++) {
    for (long row = 0; row < t.rows; row++) {
      const float *p = a + image * t.a_image + row * t.a_row, *q = b + image * t.b_image + row * t.b_row;
      for (long col = 0; col < t.cols; col++, p += t.a_col, q += t.b_col) {
        vf right[TILE_VECTORS];
        UNROLL for (int j = 0; j < vectors; j++) right[j] = load(q + j * VL);
        UNROLL for (int i = 0; i < height; i++) {
          vf left = broadcast(p + i);
          UNROLL for (int j = 0; j < vectors; j++) sum[i * vectors + j] += left * right[j];
        }
      }
    }
  }
  UNROLL for (int i = 0; i < height; i++) {
    UNROLL for (int j = 0; j < vectors; j++) store(c + i * c_row + j * VL, sum[i * vectors + j]);
  }
}

#define OUTER(vectors, height)                                                                                       \
  static void outer_##vectors##_##height(const float *a, const float *b, const tile_walk *t, float *c, long c_row) { \
    outer(height, vectors, a, b, t, c, c_row);                                                                       \
  }
#define OUTER_CASE(vectors, tall) \
  if (rows >= tall) return *height = tall, outer_##vectors##_##tall;

/* clang-format off */
#if TILE_VECTORS == 4
#define OUTERS_1(M) M(1, 24) M(1, 16) M(1, 12) M(1, 8) M(1, 4) M(1, 3) M(1, 2) M(1, 1)
#define OUTERS_2(M) M(2, 12) M(2, 8) M(2, 4) M(2, 3) M(2, 2) M(2, 1)
#define OUTERS_3(M) M(3, 8) M(3, 4) M(3, 2) M(3, 1)
#define OUTERS_4(M) M(4, 6) M(4, 4) M(4, 3) M(4, 2) M(4, 1)
OUTERS_3(OUTER) OUTERS_4(OUTER)
#else
#define OUTERS_1(M) M(1, 12) M(1, 8) M(1, 4) M(1, 3) M(1, 2) M(1, 1)
#define OUTERS_2(M) M(2, 6) M(2, 4) M(2, 3) M(2, 2) M(2, 1)
#endif
OUTERS_1(OUTER) OUTERS_2(OUTER)

tile_outer tile_outer_of(int vectors, long rows, int *height) {
#if TILE_VECTORS == 4
  if (vectors == 4) {
    OUTERS_4(OUTER_CASE)
  }
  if (vectors == 3) {
    OUTERS_3(OUTER_CASE)
  }
#endif
  if (vectors == 2) {
    OUTERS_2(OUTER_CASE)
  }
  OUTERS_1(OUTER_CASE)
  return 0;
}
