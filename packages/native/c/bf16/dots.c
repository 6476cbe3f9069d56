/* Sums of products by `vdpbf16ps`, which adds the products of a pair of terms to each of sixteen sums. */
#include "bf16/bf16.h"

#if BF16_INSTRUCTIONS
#include <immintrin.h>
#include <string.h>

#include "vector/vec.h"

#define DOTS __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#define HEIGHT 12 /* with two vectors of sums a row, 24 of the 32 registers */

DOTS static __m512bh pair_at(const bf16 *a) {
  int32_t bits;
  memcpy(&bits, a, sizeof bits);
  return (__m512bh)_mm512_set1_epi32(bits);
}

#define SUM_DOTS(height, vectors)                                                                              \
  do {                                                                                                         \
    __m512 sum[height][vectors];                                                                               \
    UNROLL for (int i = 0; i < height; i++) {                                                                  \
      UNROLL for (int j = 0; j < vectors; j++) sum[i][j] =                                                     \
          add ? _mm512_loadu_ps(c + i * s->c_row + j * BF16_TILE) : _mm512_setzero_ps();                       \
    }                                                                                                          \
    for (const bf16_step *step = s->steps, *end = step + s->count; step < end; step++) {                       \
      for (int k = 0; k < s->depth; k += 2) {                                                                  \
        const bf16 *x = a + step->a + k, *w = b + step->b + k * BF16_TILE;                                     \
        __m512bh columns[vectors];                                                                             \
        UNROLL for (int j = 0; j < vectors; j++) columns[j] = (__m512bh)_mm512_loadu_si512(w + j * s->b_half); \
        UNROLL for (int i = 0; i < height; i++) {                                                              \
          const __m512bh pair = pair_at(x + i * s->a_row);                                                     \
          UNROLL for (int j = 0; j < vectors; j++) sum[i][j] = _mm512_dpbf16_ps(sum[i][j], pair, columns[j]);  \
        }                                                                                                      \
      }                                                                                                        \
    }                                                                                                          \
    UNROLL for (int i = 0; i < height; i++) {                                                                  \
      UNROLL for (int j = 0; j < vectors; j++) _mm512_storeu_ps(c + i * s->c_row + j * BF16_TILE, sum[i][j]);  \
    }                                                                                                          \
    a += height * s->a_row, c += height * s->c_row, rows -= height;                                            \
  } while (0)

DOTS void bf16_block_dots(const bf16 *a, const bf16 *b, const bf16_sum *s, int rows, int column_tiles, float *c,
                          int add) {
  if (column_tiles > 1) {
    while (rows >= HEIGHT) SUM_DOTS(HEIGHT, 2);
    while (rows >= 4) SUM_DOTS(4, 2);
    while (rows > 0) SUM_DOTS(1, 2);
  } else {
    while (rows >= HEIGHT) SUM_DOTS(HEIGHT, 1);
    while (rows > 0) SUM_DOTS(1, 1);
  }
}

#else
void bf16_block_dots(const bf16 *a, const bf16 *b, const bf16_sum *s, int rows, int column_tiles, float *c, int add) {
  bf16_block_portable(a, b, s, rows, column_tiles, c, add);
}
#endif
