/* Sums of products in the vectors of any instruction set: the halves of a pair become two floats, whose product is
 * exact. */
#include <string.h>

#include "bf16/bf16.h"
#include "vector/vec.h"

typedef uint32_t vu __attribute__((vector_size(4 * VL), aligned(2), may_alias));

#define HEIGHT 4
#define WIDTH 2 /* vectors; at most BF16_TILE columns, except for the widest vectors */

static inline float widened(bf16 half) {
  const uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* Vector j of a tile's columns, and of the tile after it. */
static inline const bf16 *column_at(const bf16 *b, long half, int j) {
  return b + j * VL / BF16_TILE * half + 2 * (j * VL % BF16_TILE);
}

#define SUM_FLOATS(height, width)                                                                                    \
  do {                                                                                                               \
    vf sum[height][width];                                                                                           \
    UNROLL for (int i = 0; i < height; i++) {                                                                        \
      UNROLL for (int j = 0; j < width; j++) sum[i][j] = add ? load(c + i * s->c_row + (first + j) * VL) : splat(0); \
    }                                                                                                                \
    for (const bf16_step *step = s->steps, *end = step + s->count; step < end; step++) {                             \
      for (int k = 0; k < s->depth; k += 2) {                                                                        \
        const bf16 *x = a + step->a + k, *w = b + step->b + k * BF16_TILE;                                           \
        UNROLL for (int j = 0; j < width; j++) {                                                                     \
          const vu pairs = *(const vu *)column_at(w, s->b_half, first + j);                                          \
          const vf even = (vf)(pairs << 16), odd = (vf)(pairs & 0xffff0000u);                                        \
          UNROLL for (int i = 0; i < height; i++) {                                                                  \
            sum[i][j] += widened(x[i * s->a_row]) * even;                                                            \
            sum[i][j] += widened(x[i * s->a_row + 1]) * odd;                                                         \
          }                                                                                                          \
        }                                                                                                            \
      }                                                                                                              \
    }                                                                                                                \
    UNROLL for (int i = 0; i < height; i++) {                                                                        \
      UNROLL for (int j = 0; j < width; j++) store(c + i * s->c_row + (first + j) * VL, sum[i][j]);                  \
    }                                                                                                                \
  } while (0)

void bf16_block_portable(const bf16 *a, const bf16 *b, const bf16_sum *s, int rows, int column_tiles, float *c,
                         int add) {
  const int vectors = column_tiles * BF16_TILE / VL;
  for (; rows > 0; rows -= HEIGHT, a += HEIGHT * s->a_row, c += HEIGHT * s->c_row) {
    int first = 0;
    for (; first + WIDTH <= vectors; first += WIDTH) SUM_FLOATS(HEIGHT, WIDTH);
    for (; first < vectors; first++) SUM_FLOATS(HEIGHT, 1);
  }
}
